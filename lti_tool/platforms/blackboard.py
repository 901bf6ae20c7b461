"""Blackboard Learn. https://docs.anthology.com/docs/lti/."""

from lti_tool.lti.registration import Registration
from lti_tool.lti.urls import origin
from lti_tool.platforms.profile import PlatformProfile, Reminder

ISSUER = "https://blackboard.com"


def configuration_origins(issuer: str) -> tuple[str, ...]:
    """One issuer for every site; the developer portal registers tools for it.

    https://docs.anthology.com/docs/lti/registration-deployment
    """
    return (ISSUER, "https://*.blackboard.com") if issuer == ISSUER else (origin(issuer) or "",)


def framed_from(registration: Registration) -> tuple[str, ...]:
    """Sites that Blackboard hosts; others are known from their first launch."""
    return ("https://*.blackboard.com",) if registration.issuer == ISSUER else ()


BLACKBOARD = PlatformProfile(
    product="blackboardlearn",
    configuration_origins=configuration_origins,
    framed_from=framed_from,
    # The login carries no lti_storage_target; whether there is storage is asked by message.
    asks_for_storage_by_message=True,
    shares_issuer=True,
    reminders=(Reminder.APPROVE_TOOL,),
)
