"""What is particular to one LMS, and nowhere else: a file each, behind the face of ``quirks``."""

from lti_tool.platforms.choice import is_own_record, profile_for, profile_of
from lti_tool.platforms.frames import frame_ancestors
from lti_tool.platforms.profile import PlatformProfile, Reminder

__all__ = [
    "PlatformProfile",
    "Reminder",
    "frame_ancestors",
    "is_own_record",
    "profile_for",
    "profile_of",
]
