"""The error that the discussion raises when a request cannot be done, with its reason."""

from enum import StrEnum


class Reason(StrEnum):
    """Machine-readable reason of a :class:`DiscussionError`; ``messages`` has the texts."""

    BLANK = "blank"
    TOO_LONG = "too_long"
    TOO_COMPLEX = "too_complex"
    UNKNOWN_LANGUAGE = "unknown_language"
    UNKNOWN_QUESTION = "unknown_question"
    UNKNOWN_POST = "unknown_post"
    DELETED_POST = "deleted_post"
    FORM_USED = "form_used"
    EDITED_ELSEWHERE = "edited_elsewhere"
    OTHER_MODULE = "other_module"
    TOO_FAST = "too_fast"
    CLOSED = "closed"
    READ_ONLY = "read_only"
    PREVIEW = "preview"
    NOT_YOURS = "not_yours"


class DiscussionError(Exception):
    """A request that the discussion rejects.

    ``retry_after``, in seconds, is set where the same request may succeed later.
    """

    def __init__(self, reason: Reason, *, retry_after: int | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.retry_after = retry_after
