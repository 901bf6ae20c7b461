"""D2L Brightspace. https://docs.valence.desire2learn.com/res/ltiadvantage.html."""

from lti_tool.lti.registration import Registration
from lti_tool.platforms.profile import PlatformProfile, Reminder

TOKEN_AUDIENCE = "https://api.brightspace.com/auth/token"  # noqa: S105 - an address


def token_audience(registration: Registration) -> str:
    """One audience for all sites, whatever the token endpoint.

    https://github.com/hypothesis/lms/tree/main/lms/product/d2l (another tool that had to find out)
    """
    return registration.token_audience or TOKEN_AUDIENCE


BRIGHTSPACE = PlatformProfile(
    product="desire2learn",
    token_audience=token_audience,
    reminders=(Reminder.ADD_DEPLOYMENT,),
)
