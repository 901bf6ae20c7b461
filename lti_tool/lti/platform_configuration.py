"""Fetch and check a platform's OpenID configuration for a dynamic registration.

LTI Dynamic Registration 1.0 §3.2 and §3.3
(https://www.imsglobal.org/spec/lti-dr/v1p0#platform-configuration).

The administrator's browser gives the tool the URL of the configuration, so that URL must belong to
the issuer: it has the same origin (scheme, host and port), or one from which the vendor of a shared
issuer serves configurations (``PlatformProfile.configuration_origins``). Otherwise any web site
could register as another institution's LMS.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lti_tool.lti.http_client import FetchError, HttpClient, HttpResponse
from lti_tool.lti.platform_profile import FindProfile, PlatformProfile
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.sanitize import clean, is_identifier
from lti_tool.lti.urls import origin, split, without_query

PRODUCT_LIMIT = 64
"""Characters of a product family code."""
REGISTRATION_SECONDS = 8.0
"""Seconds for one request of a registration, for which an administrator waits."""
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"


@dataclass(frozen=True, slots=True)
class PlatformConfiguration:
    """A platform's configuration. ``messages`` maps a message type to its placements."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    registration_endpoint: str
    token_audience: str | None
    name: str | None
    """The institution's name, which the specification does not have and some platforms send."""
    product: str | None
    version: str | None
    scopes: tuple[str, ...]
    claims: tuple[str, ...]
    messages: Mapping[str, tuple[str, ...]]
    profile: PlatformProfile


def fetch_configuration(
    http_client: HttpClient, url: str | None, token: str | None, *, find_profile: FindProfile
) -> PlatformConfiguration:
    """Fetch and check a platform's configuration. Raises Refused."""
    if not url or split(url) is None:
        raise Refused(Code.REGISTRATION_BAD_URL, parameter="openid_configuration")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = fetch_json(http_client, "GET", url, headers, None)
    configuration = read_configuration(body, url, find_profile)
    check_configuration_origin(configuration.issuer, configuration.profile, url)
    return configuration


def fetch_json(
    http_client: HttpClient, method: str, url: str, headers: Mapping[str, str], body: bytes | None
) -> Any:
    """Send a request of a registration; return the JSON response. Raises Refused."""
    shown_url = without_query(url)
    try:
        response = http_client.request(
            method, url, headers=headers, body=body, total_seconds=REGISTRATION_SECONDS
        )
        if not response.ok:
            raise Refused(
                Code.REGISTRATION_REFUSED,
                url=shown_url,
                status=str(response.status),
                reason=_reason(response),
            )
        return response.json()
    except FetchError as error:
        raise Refused(Code.REGISTRATION_UNREACHABLE, url=shown_url, error=error.kind) from error


def _reason(response: HttpResponse) -> str:
    """Why a platform refuses: ``error_description`` (RFC 7591 §3.2.2), or Canvas' ``errors``."""
    try:
        body = response.json()
    except FetchError:
        return ""
    if not isinstance(body, dict):
        return ""
    errors = body.get("errors")
    entries = errors if isinstance(errors, list) else [errors]
    texts = [each.get("message") if isinstance(each, dict) else each for each in entries]
    found = [body.get("error_description"), *texts, body.get("error")]
    return next((each for each in found if isinstance(each, str) and each), "")


def check_configuration_origin(issuer: str, profile: PlatformProfile, url: str) -> None:
    """Raise Refused if a configuration's URL has none of the origins that its issuer allows."""
    found = origin(url) or ""
    for allowed in profile.configuration_origins(issuer):
        before, wildcard, after = allowed.partition("*")
        if wildcard and found.startswith(before) and found.endswith(after):
            return
        if found and found == allowed:
            return
    raise Refused(Code.REGISTRATION_FOREIGN_URL, issuer=issuer, url=without_query(url))


def read_configuration(body: object, url: str, find_profile: FindProfile) -> PlatformConfiguration:
    """Parse a configuration. Raises Refused with the name of the invalid member."""
    if not isinstance(body, dict):
        raise Refused(Code.REGISTRATION_BAD_CONFIGURATION, url=without_query(url))
    value = body.get(PLATFORM)
    platform: dict[str, Any] = value if isinstance(value, dict) else {}
    issuer = _issuer(body)
    product = _text(platform, "product_family_code", PRODUCT_LIMIT)
    profile = find_profile(issuer, product)
    configuration = PlatformConfiguration(
        issuer=issuer,
        authorization_endpoint=_endpoint(body, "authorization_endpoint"),
        token_endpoint=_endpoint(body, "token_endpoint"),
        jwks_uri=_endpoint(body, "jwks_uri"),
        registration_endpoint=_endpoint(body, "registration_endpoint"),
        token_audience=_text(body, "authorization_server"),
        name=_text(platform, profile.name_member) or _text(platform, "name"),
        product=product,
        version=_text(platform, "version"),
        scopes=_texts(body, "scopes_supported"),
        claims=_texts(body, "claims_supported"),
        messages=_messages(platform),
        profile=profile,
    )
    algorithms = _texts(body, "id_token_signing_alg_values_supported")
    if algorithms and "RS256" not in algorithms:
        raise Refused(Code.REGISTRATION_UNSUPPORTED, member="id_token_signing_alg_values_supported")
    return configuration


def _issuer(body: dict[str, Any]) -> str:
    issuer = body.get("issuer")
    parts = split(issuer) if isinstance(issuer, str) and is_identifier(issuer) else None
    if parts is None or parts.query or parts.fragment:
        raise Refused(Code.REGISTRATION_BAD_CONFIGURATION, member="issuer")
    return str(issuer)


def _endpoint(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or split(value) is None:
        raise Refused(Code.REGISTRATION_BAD_CONFIGURATION, member=name)
    return value


def _text(body: dict[str, Any], name: str, limit: int = 255) -> str | None:
    value = body.get(name)
    return clean(value, limit) or None if isinstance(value, str) else None


def _texts(body: dict[str, Any], name: str) -> tuple[str, ...]:
    value = body.get(name)
    entries = value if isinstance(value, list) else []
    return tuple(clean(entry, 255) for entry in entries if isinstance(entry, str))[:500]


def _messages(platform: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    value = platform.get("messages_supported")
    entries = value if isinstance(value, list) else []
    return {
        entry["type"]: _texts(entry, "placements")
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("type"), str)
    }
