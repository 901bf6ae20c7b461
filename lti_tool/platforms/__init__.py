"""What is particular to one LMS, and nowhere else: a file each, behind the face of ``quirks``."""

from lti_tool.platforms.choice import is_own_record, quirks_for, quirks_of
from lti_tool.platforms.frames import frame_ancestors
from lti_tool.platforms.quirks import Quirks, Reminder

__all__ = ["Quirks", "Reminder", "frame_ancestors", "is_own_record", "quirks_for", "quirks_of"]
