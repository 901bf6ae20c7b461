"""An institution's platform registers the tool by itself (LTI Dynamic Registration 1.0)."""

from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.institution import service
from lti_tool.institution.service import NewRegistration
from lti_tool.lti import dynamic_registration as protocol
from lti_tool.lti.outbound import Outbound
from lti_tool.lti.platform_configuration import PlatformConfiguration, fetch_configuration
from lti_tool.storage.database import Database


@dataclass(frozen=True, slots=True)
class ToolWords:
    """How the tool calls itself on a platform; by language, the first is the main one."""

    names: Mapping[str, str]
    descriptions: Mapping[str, str]
    choose: Mapping[str, str]


def look_at(outbound: Outbound, address: str | None, token: str | None) -> PlatformConfiguration:
    """What the platform at this address says of itself. Raises Refused."""
    return fetch_configuration(outbound, address, token)


def register(
    database: Database,
    outbound: Outbound,
    *,
    public_url: str,
    words: ToolWords,
    icon: str,
    address: str | None,
    token: str | None,
    status: str,
) -> PlatformConfiguration:
    """Register the tool with the platform, and return what it says of itself.

    Raises Refused. Nothing is stored unless the platform has answered.
    """
    platform = fetch_configuration(outbound, address, token)
    made = protocol.register(outbound, platform, _tool(public_url, words, icon), token)
    service.register(
        database,
        NewRegistration(
            made.registration,
            deployment_ids=(made.deployment_id,) if made.deployment_id else (),
            scopes=made.scopes,
            status=status,
        ),
    )
    return platform


def _tool(public_url: str, words: ToolWords, icon: str) -> protocol.ToolDescription:
    main = next(iter(words.names))
    launch = f"{public_url}/lti/launch"
    return protocol.ToolDescription(
        public_url=public_url,
        login_uri=f"{public_url}/lti/login",
        launch_uri=launch,
        jwks_uri=f"{public_url}/lti/jwks",
        icon_uri=icon,
        names=words.names,
        descriptions=words.descriptions,
        language=main,
        messages=(
            protocol.ToolMessage("LtiResourceLinkRequest", launch, words.names),
            protocol.ToolMessage("LtiDeepLinkingRequest", launch, words.choose),
        ),
    )
