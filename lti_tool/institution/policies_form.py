"""The form with the policies of an institution."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from courseware.i18n.marking import N_
from lti_tool.lti.sanitize import clean
from lti_tool.notifications.choices import as_time_zone

NAME_LIMIT = 255
MOST_MONTHS = 1200

CHOICES: Mapping[str, Mapping[str, str]] = {
    "guests": {
        "none": N_("Guests cannot open activities"),
        "read": N_("Guests can read"),
        "post": N_("Guests can read and write"),
    },
    "observers": {
        "read": N_("Observers can read"),
        "post": N_("Observers can read and write"),
    },
    "test_users": {
        "read": N_("Test users can read"),
        "none": N_("Test users cannot open activities"),
    },
    "impersonation": {
        "read": N_("People who act as another person can read"),
        "none": N_("People who act as another person cannot open activities"),
    },
    "unknown_deployments": {
        "accept": N_("Accept new deployments at their first launch"),
        "refuse": N_("Refuse deployments that the operator has not added"),
    },
    "retention_action": {
        "delete": N_("Delete the discussion"),
        "anonymise": N_("Remove the names of its authors"),
    },
}
SWITCHES: Mapping[str, tuple[str, str]] = {
    "store_names": (
        N_("Store names"),
        N_("If not, each person writes under a pseudonym, and stored names are deleted."),
    ),
    "store_emails": (
        N_("Store e-mail addresses"),
        N_("If not, no notices are sent by mail, and stored e-mail addresses are deleted."),
    ),
    "sends_mail": (
        N_("Send notices by mail"),
        N_("If not, nobody of the institution gets mail; notices that wait are not sent."),
    ),
    "own_addresses": (
        N_("People without an e-mail address from the LMS can give one"),
        N_("It is used once the person follows a link in a message that is sent to it."),
    ),
    "translation": (
        N_("Allow machine translation"),
        N_(
            "The text of a post, without names, is sent to the translation service of this tool "
            "when somebody asks for a translation."
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class PoliciesForm:
    """The values as they are shown, and what is wrong with them: a msgid for each field."""

    values: Mapping[str, Any]
    errors: Mapping[str, str] = field(default_factory=dict)


def read_form(fields: Mapping[str, str]) -> tuple[PoliciesForm, dict[str, Any] | None]:
    """The form as it was sent, and the policies; None if something is wrong."""
    errors: dict[str, str] = {}
    policies: dict[str, Any] = {name: name in fields for name in SWITCHES}
    for name, choices in CHOICES.items():
        policies[name] = fields.get(name, "")
        if policies[name] not in choices:
            errors[name] = N_("Choose one of these.")
    policies["name"] = clean(fields.get("name", ""), NAME_LIMIT)
    if not policies["name"]:
        errors["name"] = N_("Write the name of the institution.")
    months = fields.get("retention_months", "").strip()
    policies["retention_months"] = None
    if months:
        number = int(months) if months.isdecimal() and len(months) < 6 else 0
        if 1 <= number <= MOST_MONTHS:
            policies["retention_months"] = number
        else:
            errors["retention_months"] = N_("Write a whole number of months from 1 to 1200.")
    zone = fields.get("time_zone", "")
    policies["time_zone"] = as_time_zone(zone)
    if zone and policies["time_zone"] is None:
        errors["time_zone"] = N_("Choose one of these.")
    shown = {**policies, "name": fields.get("name", ""), "retention_months": months}
    return PoliciesForm(shown, errors), None if errors else policies
