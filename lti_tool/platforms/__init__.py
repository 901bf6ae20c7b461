"""One module for each LMS, with everything that is particular to it.

Each defines a :class:`lti_tool.lti.platform_profile.PlatformProfile`; ``lookup`` chooses one. The
protocol code in ``lti_tool.lti`` receives the profile as a value and imports nothing from here.
"""

from lti_tool.platforms.lookup import PROFILES, find_profile, is_own_record

__all__ = ["PROFILES", "find_profile", "is_own_record"]
