"""Which LMS it is: by the product that it names, else by its issuer."""

from lti_tool.lti.launch import Launch
from lti_tool.lti.registration import Registration
from lti_tool.platforms import blackboard, canvas
from lti_tool.platforms.blackboard import BLACKBOARD
from lti_tool.platforms.brightspace import BRIGHTSPACE
from lti_tool.platforms.canvas import CANVAS
from lti_tool.platforms.moodle import MOODLE
from lti_tool.platforms.openedx import OPENEDX
from lti_tool.platforms.profile import STANDARD, PlatformProfile
from lti_tool.platforms.sakai import SAKAI

_BY_PRODUCT = {
    profile.product: profile
    for profile in (MOODLE, CANVAS, BRIGHTSPACE, BLACKBOARD, SAKAI, OPENEDX)
} | {"d2l": BRIGHTSPACE, "brightspace": BRIGHTSPACE, "blackboard": BLACKBOARD, "edx": OPENEDX}


def profile_of(*, issuer: str, product: str | None) -> PlatformProfile:
    """The ways of an LMS; ``product`` is its product family code, where known."""
    found = _BY_PRODUCT.get((product or "").lower().replace(" ", ""))
    if found is not None:
        return found
    if canvas.is_hosted(issuer):
        return CANVAS
    if issuer == blackboard.ISSUER:
        return BLACKBOARD
    return STANDARD


def profile_for(registration: Registration) -> PlatformProfile:
    """The ways of a registered LMS."""
    return profile_of(issuer=registration.issuer, product=registration.product)


def is_own_record(launch: Launch) -> bool:
    """Whether this launch may leave a record of the person it names.

    Not a preview of a participant, and not somebody acting as another.
    """
    profile = profile_of(issuer=launch.issuer, product=launch.platform.product)
    return not launch.roles.test_user and profile.is_own_record(launch)
