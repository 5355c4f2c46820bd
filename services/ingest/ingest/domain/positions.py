"""How far a stream is finished while its events end out of order: up to the oldest open one."""

from collections import deque
from dataclasses import dataclass, replace

from ingest.ports import Cursor
from kernel.messages import Coordinates


@dataclass(slots=True, eq=False)
class Position:
    """One delivered event; `parts` of it are still to be brought into the log."""

    cursor: Cursor
    parts: int
    produced: Coordinates | None = None


class Positions:
    """Open in the order of delivery, finish in any order."""

    def __init__(self, reached: Cursor) -> None:
        self._open: deque[Position] = deque()
        self._reached = reached
        self._opened = reached

    @property
    def reached(self) -> Cursor:
        """Everything up to here is finished."""
        return self._reached

    @property
    def opened(self) -> Cursor:
        """Everything up to here is at least in hand."""
        return self._opened

    @property
    def in_hand(self) -> int:
        return len(self._open)

    def open(self, cursor: Cursor, parts: int) -> Position:
        """`cursor` says where the stream stands behind this event. Numbers never go back."""
        position = Position(_onwards(self._opened, cursor), parts)
        self._opened = position.cursor
        self._open.append(position)
        self._advance()
        return position

    def add(self, position: Position, parts: int) -> None:
        """More was found to belong to an event that is still open."""
        position.parts += parts

    def finish(self, position: Position, produced: Coordinates | None = None) -> None:
        position.parts -= 1
        position.produced = produced or position.produced
        self._advance()

    def _advance(self) -> None:
        while self._open and self._open[0].parts <= 0:
            done = self._open.popleft()
            produced = done.produced or self._reached.produced
            self._reached = replace(done.cursor, produced=produced)


def _onwards(last: Cursor, new: Cursor) -> Cursor:
    moments = [at for at in (last.committed_at, new.committed_at) if at]
    return replace(
        new,
        replay_id=new.replay_id or last.replay_id,
        committed_at=max(moments, default=None),
        commit_number=max(last.commit_number, new.commit_number),
    )
