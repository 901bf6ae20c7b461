"""D2L Brightspace. https://community.d2l.com/brightspace/kb/articles/23660-lti-advantage."""

from lti_tool.lti.registration import Registration
from lti_tool.platforms.quirks import Quirks, Reminder

TOKEN_AUDIENCE = "https://api.brightspace.com/auth/token"  # noqa: S105 - an address


def token_audience(registration: Registration) -> str:
    """One audience for all sites, whatever the token endpoint.

    https://community.d2l.com/brightspace/kb/articles/23732-lti-1-3-technical-details
    """
    return registration.token_audience or TOKEN_AUDIENCE


BRIGHTSPACE = Quirks(
    product="desire2learn",
    token_audience=token_audience,
    reminders=(Reminder.ADD_DEPLOYMENT,),
)
