"""What a writer's log knows of a command when its writing begins."""

from dataclasses import dataclass

from kernel.messages import Outcome, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Of a command, its target and its part."""

    attempts: int = 1
    """This one included."""
    failures: int = 0
    """Attempts before this one that were found not to have worked."""
    outcome: Outcome | None = None
    """The command has ended before, and so."""
    is_leftover: bool = False
    """Begun before and never ended: the call may have been made and may have worked."""
    waited_s: float = 0.0
    """Since that earlier attempt began."""
    newest: Version | None = None
    """The newest version that was written of this part of the target."""
    held: str = ""
    """The hash of the document that was last written of this part of the target."""
    was_written: bool = False
    """Some part of the target has been written."""
