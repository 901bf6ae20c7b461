"""Texts of the self-test: failures of requests, names of scopes, and what to do about them."""

from collections.abc import Mapping

from courseware.i18n import Interface
from courseware.i18n.marking import N_
from lti_tool.lti import claim_names
from lti_tool.lti.http_client import FetchErrorKind
from lti_tool.lti.platform_profile import PlatformProfile
from lti_tool.lti.service_errors import ServiceError
from lti_tool.lti.service_log import GRADES, ROSTER

_FAILURES: Mapping[FetchErrorKind, str] = {
    FetchErrorKind.TIMEOUT: N_("No answer came in time."),
    FetchErrorKind.UNKNOWN_HOST: N_("The host name is not known."),
    FetchErrorKind.CONNECTION_FAILED: N_("The connection was refused."),
    FetchErrorKind.BAD_CERTIFICATE: N_("The certificate is not valid."),
    FetchErrorKind.NOT_HTTPS: N_("The URL is not one of https."),
    FetchErrorKind.FORBIDDEN_ADDRESS: N_(
        "The IP address is a private one; the operator of this tool can allow those."
    ),
    FetchErrorKind.INVALID_RESPONSE: N_("The answer could not be understood."),
    FetchErrorKind.SCOPE_NOT_GRANTED: N_("The LMS did not grant what is needed."),
    FetchErrorKind.PAUSED: N_("The LMS asked for fewer requests; try again later."),
}
_DEFAULT_PLACES: Mapping[str, str] = {
    GRADES: N_("In the settings of the tool in your LMS, allow Assignment and Grade Services."),
    ROSTER: N_(
        "In the settings of the tool in your LMS, allow Names and Role Provisioning Services."
    ),
}
_SCOPES: Mapping[str, str] = {
    claim_names.LINE_ITEM_SCOPE: N_("Permission: create columns in the gradebook"),
    claim_names.LINE_ITEM_READ_SCOPE: N_("Permission: read columns of the gradebook"),
    claim_names.RESULT_SCOPE: N_("Permission: read grades"),
    claim_names.SCORE_SCOPE: N_("Permission: write grades"),
    claim_names.MEMBERSHIP_SCOPE: N_("Permission: read the list of participants"),
}


def failure(
    ui: Interface,
    kind: FetchErrorKind,
    status_code: int | None = None,
    oauth_error: str | None = None,
) -> str:
    """What happened to a request."""
    if oauth_error:
        return ui.gettext("The LMS answered: %(error)s", error=oauth_error)
    if status_code is not None:
        return status(ui, status_code)
    message = _FAILURES.get(kind)
    return ui.gettext(message) if message else ui.gettext("It failed: %(kind)s", kind=str(kind))


def status(ui: Interface, code: int) -> str:
    """That a request was answered with this HTTP status."""
    return ui.gettext("The LMS answered with status %(status)s.", status=str(code))


def where(ui: Interface, profile: PlatformProfile, service: str) -> str:
    """Where an administrator allows a service, in the words of the LMS."""
    return ui.gettext(profile.service_settings.get(service) or _DEFAULT_PLACES[service])


def scope_name(ui: Interface, scope: str) -> str:
    """What a scope permits."""
    return ui.gettext(_SCOPES[scope])


def check_registration(ui: Interface) -> str:
    """What to do about a URL of the registration that does not work."""
    return ui.gettext(
        "The registration may be wrong or out of date: update the tool in your LMS, or send this "
        "report to the operator of this tool."
    )


def token_advice(ui: Interface, error: ServiceError, jwks_url: str) -> str:
    """What to do where no token is granted."""
    if error.oauth_error == "invalid_client":
        return ui.gettext(
            "Turn the tool on in your LMS, and check that it can open the key set of this tool: "
            "%(url)s",
            url=jwks_url,
        )
    return check_registration(ui)


def not_tried(ui: Interface) -> str:
    """That a check needs what is not there."""
    return ui.gettext(
        "Not tried: it needs the permissions above, and a launch from an activity in a course."
    )
