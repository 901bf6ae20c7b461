"""The error for a file that cannot be attached, with its reason."""

from enum import StrEnum


class Reason(StrEnum):
    """Machine-readable reason of an :class:`AttachmentError`; ``messages`` has the texts."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    UNKNOWN_TYPE = "unknown_type"
    OLD_OFFICE = "old_office"
    MACROS = "macros"
    PHONE_PICTURE = "phone_picture"
    BROKEN_PICTURE = "broken_picture"
    PICTURE_TOO_LARGE = "picture_too_large"
    UNKNOWN_FILE = "unknown_file"


class AttachmentError(Exception):
    """A file that cannot be attached. ``name`` is its cleaned name."""

    def __init__(self, reason: Reason, name: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.name = name
