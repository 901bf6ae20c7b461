"""Check a registered platform: fetch its key set and an access token."""

from dataclasses import dataclass

from lti_tool.directory.pauses import DatabasePauses
from lti_tool.lti.dynamic_registration import SCOPES
from lti_tool.lti.http_client import FetchError, HttpClient
from lti_tool.lti.jwks import MAX_REDIRECTS
from lti_tool.lti.pauses import INVALID_CLIENT
from lti_tool.lti.public_keys import parse_jwks
from lti_tool.lti.refusal import Refused
from lti_tool.lti.registration import Registration
from lti_tool.lti.service_errors import ServiceError
from lti_tool.settings import Settings
from lti_tool.storage.database import Database


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check."""

    passed: bool
    text: str


def check_platform(
    settings: Settings, database: Database, registration: Registration
) -> list[CheckResult]:
    """Try what the tool will need of this platform."""
    http_client = HttpClient(allow_private=settings.allow_private_platforms)
    return [
        _keys(http_client, registration),
        _token(settings, database, registration),
    ]


def _keys(http_client: HttpClient, registration: Registration) -> CheckResult:
    url = registration.jwks_uri
    try:
        answer = http_client.get(url, max_redirects=MAX_REDIRECTS)
        if not answer.ok:
            return CheckResult(False, f"{url} answered {answer.status} instead of a key set.")
        count = len(parse_jwks(answer.body).by_id)
    except FetchError as error:
        return CheckResult(False, f"{url} could not be fetched ({error.kind}).")
    except Refused:
        return CheckResult(False, f"{url} holds no RSA key that can be used.")
    return CheckResult(True, f"The key set has {count} usable {'key' if count == 1 else 'keys'}.")


def _token(settings: Settings, database: Database, registration: Registration) -> CheckResult:
    if not registration.token_endpoint:
        return CheckResult(
            False, "No token endpoint is known: grades and rosters cannot be reached."
        )
    from lti_tool.directory.platform_services import connector_for  # it takes long to import

    # A check that an operator requests does not wait for the end of a pause.
    DatabasePauses(database).clear(registration.stored_id, INVALID_CLIENT)
    try:
        connector = connector_for(settings, database, registration)
        token = connector.tokens.get(registration, SCOPES)
    except ServiceError as error:
        return CheckResult(False, f"No access token: {error}. Does the platform reach our key set?")
    granted = ", ".join(scope.rsplit("/", 1)[-1] for scope in token.scopes) or "nothing"
    return CheckResult(True, f"The platform gives an access token; it grants {granted}.")
