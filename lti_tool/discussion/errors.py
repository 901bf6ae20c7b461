"""Why the discussion does not do what was asked: a reason for the program, worded by the views."""

from enum import StrEnum


class Reason(StrEnum):
    """Each reason once; what to tell the person is said in ``wording``."""

    BLANK = "blank"
    TOO_LONG = "too_long"
    TOO_COMPLEX = "too_complex"
    UNKNOWN_LANGUAGE = "unknown_language"
    UNKNOWN_QUESTION = "unknown_question"
    UNKNOWN_POST = "unknown_post"
    DELETED_POST = "deleted_post"
    FORM_USED = "form_used"
    OTHER_MODULE = "other_module"
    TOO_FAST = "too_fast"
    CLOSED = "closed"
    READ_ONLY = "read_only"
    NOT_YOURS = "not_yours"


class Refused(Exception):  # noqa: N818 - a refusal, said to the person who can act
    """Something that the discussion does not do. ``retry_after`` is in seconds, where it helps."""

    def __init__(self, reason: Reason, *, retry_after: int | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.retry_after = retry_after
