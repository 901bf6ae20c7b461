"""Register the tool with a platform: LTI Dynamic Registration 1.0.

The tool fetches the platform's configuration (``platform_configuration``), posts its own
configuration to the registration endpoint, and reads the client id from the response.
https://www.imsglobal.org/spec/lti-dr/v1p0/#tool-configuration
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lti_tool.lti import claim_names
from lti_tool.lti.http_client import HttpClient
from lti_tool.lti.platform_configuration import PlatformConfiguration, fetch_json
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.registration import Registration
from lti_tool.lti.sanitize import is_identifier
from lti_tool.lti.urls import split

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
GRADE_SCOPES = (
    claim_names.LINE_ITEM_SCOPE,
    claim_names.LINE_ITEM_READ_SCOPE,
    claim_names.RESULT_SCOPE,
    claim_names.SCORE_SCOPE,
)
ROSTER_SCOPES = (claim_names.MEMBERSHIP_SCOPE,)
SCOPES = (*GRADE_SCOPES, *ROSTER_SCOPES)
ROSTER_SCOPES_IF_LISTED = (claim_names.GROUP_SCOPE,)
"""Requested only where the platform lists them: some reject a request with unknown scopes."""
NAME_CLAIMS = ("name", "given_name", "family_name")
EMAIL_CLAIMS = ("email",)


@dataclass(frozen=True, slots=True)
class DataChoice:
    """What an administrator allows the tool to have; only that is asked for."""

    names: bool = True
    emails: bool = True
    roster: bool = True
    grades: bool = True

    @property
    def claims(self) -> tuple[str, ...]:
        """The claims of the id_token."""
        names = NAME_CLAIMS if self.names else ()
        return ("iss", "sub", *names, *(EMAIL_CLAIMS if self.emails else ()), "locale")

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes of the services."""
        return (*(GRADE_SCOPES if self.grades else ()), *(ROSTER_SCOPES if self.roster else ()))

    @property
    def scopes_if_listed(self) -> tuple[str, ...]:
        """Scopes to request only where the platform lists them."""
        return (*(ROSTER_SCOPES_IF_LISTED if self.roster else ()), claim_names.NOTICE_SCOPE)


@dataclass(frozen=True, slots=True)
class ToolMessage:
    """A message type that the tool supports. ``labels`` are by language."""

    type: str
    target_link_uri: str
    labels: Mapping[str, str]
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDescription:
    """The tool's configuration. Texts are by language; ``language`` is the default one."""

    public_url: str
    login_uri: str
    launch_uri: str
    jwks_uri: str
    icon_uri: str
    names: Mapping[str, str]
    descriptions: Mapping[str, str]
    language: str
    messages: Sequence[ToolMessage]
    redirect_uris: tuple[str, ...] = ()
    """Redirect URIs besides ``launch_uri``."""
    policy_uri: str | None = None
    terms_uri: str | None = None
    contacts: tuple[str, ...] = ()
    custom_parameters: Mapping[str, str] = field(default_factory=dict)
    data: DataChoice = field(default_factory=DataChoice)

    @property
    def domain(self) -> str:
        """Host of the launch URL, with its port, which platforms compare."""
        parts = split(self.launch_uri)
        return parts.netloc if parts else ""


@dataclass(frozen=True, slots=True)
class RegistrationResponse:
    """The platform's response. The registration has the scopes that the platform says it grants;
    the token endpoint decides."""

    registration: Registration
    deployment_id: str | None


def register(
    http_client: HttpClient,
    platform: PlatformConfiguration,
    tool: ToolDescription,
    token: str | None,
) -> RegistrationResponse:
    """Post the registration request and read the response. Raises Refused."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    body = json.dumps(registration_request(platform, tool)).encode()
    response = fetch_json(http_client, "POST", platform.registration_endpoint, headers, body)
    return read_registration_response(response, platform)


def registration_request(platform: PlatformConfiguration, tool: ToolDescription) -> dict[str, Any]:
    """The registration request (§3.4), with the additions of the platform's profile."""
    profile = platform.profile
    request: dict[str, Any] = {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["client_credentials", "implicit"],
        "initiate_login_uri": tool.login_uri,
        "redirect_uris": [tool.launch_uri, *tool.redirect_uris],
        **_by_language("client_name", tool.names, tool.language),
        "jwks_uri": tool.jwks_uri,
        "client_uri": tool.public_url,
        "logo_uri": tool.icon_uri,
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(
            (
                *_supported(tool.data.scopes, platform.scopes),
                *(scope for scope in tool.data.scopes_if_listed if scope in platform.scopes),
            )
        ),
        TOOL: {
            "domain": tool.domain,
            **_by_language("description", tool.descriptions, tool.language),
            "target_link_uri": tool.launch_uri,
            "custom_parameters": {**tool.custom_parameters, **profile.custom_parameters},
            "claims": list(_supported(tool.data.claims, platform.claims)),
            "messages": [
                _message(message, tool, platform, profile.placements.get(message.type, ()))
                for message in tool.messages
                if message.type in platform.messages or not platform.messages
            ],
        },
    }
    optional = {"policy_uri": tool.policy_uri, "tos_uri": tool.terms_uri}
    request.update({name: value for name, value in optional.items() if value})
    if tool.contacts:
        request["contacts"] = list(tool.contacts)
    return profile.extend_registration_request(request)


def read_registration_response(
    body: object, platform: PlatformConfiguration
) -> RegistrationResponse:
    """Read the platform's response. Raises Refused."""
    client_id = body.get("client_id") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(client_id, str):
        raise Refused(Code.REGISTRATION_BAD_RESPONSE, issuer=platform.issuer, member="client_id")
    if not is_identifier(client_id):
        raise Refused(Code.REGISTRATION_BAD_RESPONSE, issuer=platform.issuer, member="client_id")
    tool, scope = body.get(TOOL), body.get("scope")
    deployment = tool.get("deployment_id") if isinstance(tool, dict) else None
    if not isinstance(deployment, str) or not is_identifier(deployment):
        deployment = None
    granted = scope.split()[:100] if isinstance(scope, str) else []
    registration = Registration(
        issuer=platform.issuer,
        client_id=client_id,
        authorization_endpoint=platform.authorization_endpoint,
        token_endpoint=platform.token_endpoint,
        jwks_uri=platform.jwks_uri,
        token_audience=platform.token_audience,
        product=platform.product,
        scopes=tuple(each for each in granted if is_identifier(each)),
        profile=platform.profile,
    )
    return RegistrationResponse(registration, deployment)


def _message(
    message: ToolMessage,
    tool: ToolDescription,
    platform: PlatformConfiguration,
    wanted_placements: tuple[str, ...],
) -> dict[str, Any]:
    offered = platform.messages.get(message.type, ())
    placements = [place for place in wanted_placements if not offered or place in offered]
    described: dict[str, Any] = {
        "type": message.type,
        "target_link_uri": message.target_link_uri,
        **_by_language("label", message.labels, tool.language),
        "icon_uri": tool.icon_uri,
    }
    if placements:
        described["placements"] = placements
    if message.roles:
        described["roles"] = list(message.roles)
    if message.type == "LtiDeepLinkingRequest":
        described["supported_types"] = ["ltiResourceLink"]
    return described


def _by_language(name: str, texts: Mapping[str, str], main: str) -> dict[str, str]:
    """``name`` in the default language, ``name#es`` in others (OIDC Registration 1.0 §2.1)."""
    others = {f"{name}#{language}": text for language, text in texts.items() if language != main}
    return {name: texts[main], **others}


def _supported(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(entry for entry in ours if entry in theirs) if theirs else ours
