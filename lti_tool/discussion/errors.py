"""The error that the discussion raises when a request cannot be done, with its reason."""

from datetime import datetime
from enum import StrEnum


class Reason(StrEnum):
    """Machine-readable reason of a :class:`DiscussionError`; ``messages`` has the texts."""

    BLANK = "blank"
    TOO_LONG = "too_long"
    TOO_COMPLEX = "too_complex"
    UNKNOWN_LANGUAGE = "unknown_language"
    UNKNOWN_QUESTION = "unknown_question"
    UNKNOWN_POST = "unknown_post"
    UNKNOWN_UPLOAD = "unknown_upload"
    DELETED_POST = "deleted_post"
    FORM_USED = "form_used"
    EDITED_ELSEWHERE = "edited_elsewhere"
    OTHER_MODULE = "other_module"
    TOO_FAST = "too_fast"
    CLOSED = "closed"
    READ_ONLY = "read_only"
    PREVIEW = "preview"
    NOT_YOURS = "not_yours"
    NOT_OPEN_YET = "not_open_yet"
    ENDED = "ended"
    LOCKED = "locked"
    THREAD_LOCKED = "thread_locked"
    POST_FIRST = "post_first"
    EDIT_TIME_OVER = "edit_time_over"
    ANONYMOUS_FOREVER = "anonymous_forever"
    ANONYMOUS_UNCOUNTED = "anonymous_uncounted"
    UNKNOWN_REACTION = "unknown_reaction"
    OWN_POST_REACTION = "own_post_reaction"
    TOO_MANY_PINNED = "too_many_pinned"
    NO_REASON = "no_reason"
    REASON_TOO_LONG = "reason_too_long"
    CHANGED_MEANWHILE = "changed_meanwhile"
    WRONG_THREAD = "wrong_thread"
    BEING_MOVED = "being_moved"
    DONE_ALREADY = "done_already"
    NO_REPORTS = "no_reports"
    OWN_POST = "own_post"
    OTHER_GROUP = "other_group"
    UNKNOWN_AUDIENCE = "unknown_audience"
    OTHER_AUDIENCE = "other_audience"
    EXCHANGE_CLOSED = "exchange_closed"
    SHARED = "shared"
    OTHER_INSTITUTION = "other_institution"


class DiscussionError(Exception):
    """A request that the discussion rejects.

    ``retry_after``, in seconds, is set where the same request may succeed later. ``moment`` is the
    time at which the discussion opens or closed, in the zone in which it is to be shown.
    """

    def __init__(
        self, reason: Reason, *, retry_after: int | None = None, moment: datetime | None = None
    ) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.retry_after = retry_after
        self.moment = moment
