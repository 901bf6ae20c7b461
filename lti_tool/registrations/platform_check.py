"""Whether a registered platform really answers: its keys, and an access token for its services."""

from dataclasses import dataclass

from lti_tool.directory.platform_caches import DatabaseTokens
from lti_tool.directory.signing_keys import signing_keys
from lti_tool.lti.dynamic_registration import SCOPES
from lti_tool.lti.http_client import Outbound, Unreachable
from lti_tool.lti.public_keys import parse_key_set
from lti_tool.lti.refusal import Refused
from lti_tool.lti.registration import Registration
from lti_tool.lti.service_errors import ServiceFailed
from lti_tool.lti.tokens import AccessTokens
from lti_tool.settings import Settings
from lti_tool.storage.database import Database


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried, and how it went."""

    well: bool
    text: str


def check_platform(
    settings: Settings, database: Database, registration: Registration
) -> list[Finding]:
    """Try what the tool will need of this platform."""
    outbound = Outbound(allow_private=settings.allow_private_platforms)
    return [
        _keys(outbound, registration),
        _token(outbound, settings, database, registration),
    ]


def _keys(outbound: Outbound, registration: Registration) -> Finding:
    url = registration.jwks_uri
    try:
        answer = outbound.get(url)
        if not answer.ok:
            return Finding(False, f"{url} answered {answer.status} instead of a key set.")
        count = len(parse_key_set(answer.body).by_id)
    except Unreachable as error:
        return Finding(False, f"{url} could not be fetched ({error.kind}).")
    except Refused:
        return Finding(False, f"{url} holds no RSA key that can be used.")
    return Finding(True, f"The key set has {count} usable {'key' if count == 1 else 'keys'}.")


def _token(
    outbound: Outbound, settings: Settings, database: Database, registration: Registration
) -> Finding:
    if not registration.token_endpoint:
        return Finding(False, "No token endpoint is known: grades and rosters cannot be reached.")
    tokens = AccessTokens(
        outbound,
        signing_keys(settings, database),
        DatabaseTokens(database, settings.secret_key),
    )
    try:
        token = tokens.get(registration, SCOPES)
    except ServiceFailed as error:
        return Finding(False, f"No access token: {error}. Does the platform reach our key set?")
    granted = ", ".join(scope.rsplit("/", 1)[-1] for scope in token.scopes) or "nothing"
    return Finding(True, f"The platform gives an access token; it grants {granted}.")
