"""Choose the profile of a platform: by its product family code, else by its issuer."""

from dataclasses import replace

from lti_tool.lti.launch import Launch
from lti_tool.lti.platform_profile import STANDARD, PlatformProfile
from lti_tool.platforms import blackboard, canvas, moodle
from lti_tool.platforms.blackboard import BLACKBOARD
from lti_tool.platforms.brightspace import BRIGHTSPACE
from lti_tool.platforms.canvas import CANVAS
from lti_tool.platforms.moodle import MOODLE
from lti_tool.platforms.openedx import OPENEDX
from lti_tool.platforms.sakai import SAKAI

PROFILES = (MOODLE, CANVAS, BRIGHTSPACE, BLACKBOARD, SAKAI, OPENEDX)
"""The LMSs that have a profile, in the order in which people are shown them."""

_BY_PRODUCT = {profile.product: profile for profile in PROFILES} | {
    "d2l": BRIGHTSPACE,
    "brightspace": BRIGHTSPACE,
    "blackboard": BLACKBOARD,
    "edx": OPENEDX,
}


UNKNOWN = replace(
    STANDARD,
    throttle_delay=canvas.throttle_delay,
    refusal_reason=canvas.refusal_reason,
    progress_clears_grade=True,
    decode_name=moodle.decode_name,
    repair_link_header=moodle.repair_link_header,
)
"""A platform that an operator registered manually may not have a product: it gets the repairs that
do no harm elsewhere."""


def find_profile(issuer: str, product: str | None) -> PlatformProfile:
    """The profile of a platform; ``product`` is its product family code, where known."""
    profile = _BY_PRODUCT.get((product or "").lower().replace(" ", ""))
    if profile is not None:
        return profile
    if canvas.is_hosted(issuer):
        return CANVAS
    if issuer == blackboard.ISSUER:
        return BLACKBOARD
    return UNKNOWN


def is_own_record(launch: Launch) -> bool:
    """Whether the work done in this launch is the work of the user that it names.

    False for a preview as a test user, and for a user who acts as another one.
    """
    profile = find_profile(launch.issuer, launch.platform.product)
    return not launch.roles.test_user and profile.acts_as_self(launch)
