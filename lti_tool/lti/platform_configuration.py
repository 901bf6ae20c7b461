"""What a platform says of itself when a tool registers: its OpenID configuration.

LTI Dynamic Registration 1.0 §3.2 and §3.3
(https://www.imsglobal.org/spec/lti-dr/v1p0#platform-configuration).

The person who starts a registration gives the tool a URL to fetch, so that URL must belong to the
issuer: the same origin (scheme, host and port), or one of those that the vendor of a shared issuer
serves configurations from (``Quirks.configuration_origins``). Otherwise anybody with a web page
could pose as another institution's LMS.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lti_tool.lti.http_client import Outbound, Unreachable
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.sanitize import clean, is_identifier
from lti_tool.lti.urls import origin, split, without_query
from lti_tool.platforms import profile_of

PRODUCT_LIMIT = 64
"""Characters of a product family code; the ones that are known have at most fifteen."""
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"


@dataclass(frozen=True, slots=True)
class PlatformConfiguration:
    """The part that a registration needs. ``messages`` maps a message type to its placements."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    registration_endpoint: str
    token_audience: str | None
    product: str | None
    version: str | None
    scopes: tuple[str, ...]
    claims: tuple[str, ...]
    messages: Mapping[str, tuple[str, ...]]


def fetch_configuration(
    outbound: Outbound, url: str | None, token: str | None
) -> PlatformConfiguration:
    """Fetch and check a platform's configuration. Raises Refused."""
    if not url or split(url) is None:
        raise Refused(Code.REGISTRATION_BAD_URL, parameter="openid_configuration")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = fetch_json(outbound, "GET", url, headers, None)
    configuration = read_configuration(body, url)
    check_may_speak(configuration.issuer, configuration.product, url)
    return configuration


def fetch_json(
    outbound: Outbound, method: str, url: str, headers: Mapping[str, str], body: bytes | None
) -> Any:
    """One exchange of a registration. Raises Refused: unreachable, refused, or no JSON."""
    asked = without_query(url)
    try:
        answer = outbound.request(method, url, headers=headers, body=body)
        if not answer.ok:
            raise Refused(Code.REGISTRATION_REFUSED, url=asked, status=str(answer.status))
        return answer.json()
    except Unreachable as error:
        raise Refused(Code.REGISTRATION_UNREACHABLE, url=asked, trouble=error.kind) from error


def check_may_speak(issuer: str, product: str | None, url: str) -> None:
    """Raise Refused for a configuration whose origin is not one of its issuer's."""
    asked = origin(url) or ""
    for allowed in profile_of(issuer=issuer, product=product).configuration_origins(issuer):
        before, wildcard, after = allowed.partition("*")
        if wildcard and asked.startswith(before) and asked.endswith(after):
            return
        if asked and asked == allowed:
            return
    raise Refused(Code.REGISTRATION_FOREIGN_URL, issuer=issuer, url=without_query(url))


def read_configuration(body: object, url: str) -> PlatformConfiguration:
    """Read a configuration. Raises Refused with the name of the member that is wrong."""
    if not isinstance(body, dict):
        raise Refused(Code.REGISTRATION_BAD_CONFIGURATION, url=without_query(url))
    told = body.get(PLATFORM)
    platform: dict[str, Any] = told if isinstance(told, dict) else {}
    configuration = PlatformConfiguration(
        issuer=_issuer(body),
        authorization_endpoint=_endpoint(body, "authorization_endpoint"),
        token_endpoint=_endpoint(body, "token_endpoint"),
        jwks_uri=_endpoint(body, "jwks_uri"),
        registration_endpoint=_endpoint(body, "registration_endpoint"),
        token_audience=_text(body, "authorization_server"),
        product=_text(platform, "product_family_code", PRODUCT_LIMIT),
        version=_text(platform, "version"),
        scopes=_texts(body, "scopes_supported"),
        claims=_texts(body, "claims_supported"),
        messages=_messages(platform),
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
