"""What can go wrong with a stack on one machine, each with the exit code it ends with."""

TAIL_LINES, LINE_MAX = 8, 300


class LocalError(Exception):
    """A sentence for the person who started the stack: what happened and the remedy."""

    exit_code = 3


class WrongUsageError(LocalError):
    """An option, a setting or a directory that cannot be meant."""

    exit_code = 2


class PartFailedError(LocalError):
    """A part that does not come up."""


class UnreachableError(LocalError):
    """A part that was said to run elsewhere and does not answer."""


def tail_of(said: bytes) -> str:
    """The last lines that a program said, indented below a sentence; stack frames left out."""
    lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
    kept = [line for line in lines if not line.startswith("\tat ")][-TAIL_LINES:]
    return "".join(f"\n    {line[:LINE_MAX]}" for line in kept) or " nothing"
