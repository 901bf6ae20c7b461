"""Parse the claims of a launch that describe services, and the deep-linking settings.

AGS 2.0 §3.1, NRPS 2.0 §3.6.1, Course Groups 1.0 §3, Platform Notification Service, Deep Linking
2.0 §4.4.1. A service without a usable URL is treated as absent.
"""

from lti_tool.lti import claim_names
from lti_tool.lti.claims import (
    Claims,
    boolean,
    invalid_claim,
    json_object,
    missing_claim,
    required_string_list,
    string_list,
    url,
)
from lti_tool.lti.launch import (
    DeepLinkingSettings,
    GradeService,
    GroupService,
    NoticeService,
    RosterService,
)
from lti_tool.lti.sanitize import is_storable

_MEDIA_TYPES = "accept_media_types"
_MOST_MEDIA_TYPES = 100


def parse_ags_endpoint(claims: Claims) -> GradeService | None:
    """The AGS claim (AGS 2.0 §3.1). An empty ``lineitem`` is absent."""
    service = json_object(claims, claim_names.AGS_ENDPOINT)
    if service is None:
        return None
    line_items, line_item = url(service, "lineitems"), url(service, "lineitem")
    if line_items is None and line_item is None:
        return None
    return GradeService(line_items, line_item, string_list(service, "scope"))


def parse_names_role_service(claims: Claims) -> RosterService | None:
    """The NRPS claim; if it lists ``service_versions``, 2.0 must be among them."""
    service = json_object(claims, claim_names.NAMES_ROLE_SERVICE)
    if service is None:
        return None
    memberships, versions = url(service, "context_memberships_url"), _versions(service)
    if memberships is None or (versions and "2.0" not in versions):
        return None
    return RosterService(memberships)


def parse_groups_service(claims: Claims) -> GroupService | None:
    """The Course Groups claim."""
    service = json_object(claims, claim_names.GROUPS_SERVICE)
    groups = url(service, "context_groups_url") if service else None
    if service is None or groups is None:
        return None
    sets = url(service, "context_group_sets_url")
    return GroupService(groups, sets, string_list(service, "scope"))


def parse_notification_service(claims: Claims) -> NoticeService | None:
    """The Platform Notification Service claim."""
    service = json_object(claims, claim_names.PLATFORM_NOTIFICATION_SERVICE)
    service_url = url(service, "platform_notification_service_url") if service else None
    if service is None or service_url is None:
        return None
    return NoticeService(
        service_url,
        string_list(service, "scope"),
        string_list(service, "notice_types_supported"),
    )


def parse_deep_linking_settings(claims: Claims) -> DeepLinkingSettings:
    """The required claim of a deep-linking request. ``data`` is opaque and returned unchanged."""
    settings = json_object(claims, claim_names.DEEP_LINKING_SETTINGS)
    if settings is None:
        raise missing_claim(claim_names.DEEP_LINKING_SETTINGS)
    return_url = url(settings, "deep_link_return_url")
    if return_url is None:
        raise (invalid_claim if settings.get("deep_link_return_url") else missing_claim)(
            "deep_link_return_url"
        )
    data = settings.get("data")
    if data is not None and (not isinstance(data, str) or not is_storable(data)):
        raise invalid_claim("deep_linking_settings.data")
    return DeepLinkingSettings(
        return_url=return_url,
        accept_types=required_string_list(settings, "accept_types"),
        accept_targets=required_string_list(settings, "accept_presentation_document_targets"),
        accept_multiple=boolean(settings, "accept_multiple") or False,
        accept_line_item=boolean(settings, "accept_lineitem") is not False,
        data=data,
        accept_media_types=_media_types(settings),
    )


def _media_types(settings: Claims) -> tuple[str, ...]:
    """``accept_media_types``: separated by commas (§4.4.1); some platforms send a list."""
    value = settings.get(_MEDIA_TYPES)
    given = value.split(",") if isinstance(value, str) else string_list(settings, _MEDIA_TYPES)
    types = (each.strip().lower()[:100] for each in given[:_MOST_MEDIA_TYPES])
    return tuple(each for each in types if each)


def _versions(service: Claims) -> tuple[str, ...]:
    versions = service.get("service_versions")
    if isinstance(versions, str):
        return (versions,)
    return string_list(service, "service_versions")
