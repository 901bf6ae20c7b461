"""How the log shows what was changed about an institution."""

from collections.abc import Mapping

from courseware.i18n.marking import N_
from lti_tool.institution.policies_form import CHOICES, SWITCHES
from lti_tool.web.audit_details import ChangedSettings, Explain, with_choice

STATUS_WORDS = {
    "active": N_("Active"),
    "paused": N_("Turned off"),
    "disabled": N_("Turned off by the operator"),
    "pending": N_("Waits for the operator"),
}
"""The states of a registration or a deployment."""

REGISTRATION = ChangedSettings(
    names={
        "name": N_("Name of the institution"),
        "status": N_("State"),
        "guests": N_("Guests"),
        "observers": N_("Observers"),
        "test_users": N_("Test users"),
        "impersonation": N_("People who act as another person"),
        "time_zone": N_("Time zone of digests"),
        "unknown_deployments": N_("New deployments"),
        "retention_action": N_("Retention"),
        "retention_months": N_("Months after the last use of a discussion"),
        **{name: label for name, (label, _hint) in SWITCHES.items()},
    },
    values={
        **{("status", value): label for value, label in STATUS_WORDS.items()},
        **{
            (name, value): label
            for name, choices in CHOICES.items()
            for value, label in choices.items()
        },
    },
)
DETAILS: Mapping[str, Explain] = {
    "institution.policies": REGISTRATION,
    "registrations.change": REGISTRATION,
    "registrations.deployment": with_choice(STATUS_WORDS),
}
