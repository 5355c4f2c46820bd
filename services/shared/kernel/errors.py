"""Errors, named by what the caller should do next. There are no others of ours."""


class RetryableError(Exception):
    """The outside was busy or away and did nothing. The same call may work in a while.

    `after_s` is the shortest wait the other side asked for, None where it did not say.
    """

    def __init__(self, message: str, *, after_s: float | None = None) -> None:
        super().__init__(message)
        self.after_s = after_s


class UnknownOutcomeError(RetryableError):
    """The call was sent and no verdict came back: it may have worked. Look before you repeat."""


class PermanentError(Exception):
    """This message can never work. End it with an outcome that says why, and go on."""


class FatalError(Exception):
    """Going on would do harm: wrong credentials, a topic that differs. Exit and be seen."""
