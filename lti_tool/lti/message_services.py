"""The claims that offer services: grades, roster, groups, notices, and the deep-linking request.

AGS 2.0 §3.1, NRPS 2.0 §3.6.1, Course Groups 1.0 §3, Platform Notification Service, Deep Linking
2.0 §4.4.1. A service without a usable address is not offered.
"""

from lti_tool.lti import claim_names as names
from lti_tool.lti.claims import Claims, bad, flag, mapping, missing, texts, url
from lti_tool.lti.launch import (
    DeepLinkingSettings,
    GradeService,
    GroupService,
    NoticeService,
    RosterService,
)
from lti_tool.lti.sanitize import is_storable


def read_grades(claims: Claims) -> GradeService | None:
    """AGS. Moodle sends an empty ``lineitem`` where there is none."""
    service = mapping(claims, names.GRADE_SERVICE)
    if service is None:
        return None
    line_items, line_item = url(service, "lineitems"), url(service, "lineitem")
    if line_items is None and line_item is None:
        return None
    return GradeService(line_items, line_item, texts(service, "scope") or ())


def read_roster(claims: Claims) -> RosterService | None:
    """NRPS, version 2; a platform that names its versions must name this one."""
    service = mapping(claims, names.ROSTER_SERVICE)
    if service is None:
        return None
    memberships, versions = url(service, "context_memberships_url"), _versions(service)
    if memberships is None or (versions and "2.0" not in versions):
        return None
    return RosterService(memberships)


def read_groups(claims: Claims) -> GroupService | None:
    """Course Groups."""
    service = mapping(claims, names.GROUP_SERVICE)
    groups = url(service, "context_groups_url") if service else None
    if service is None or groups is None:
        return None
    sets = url(service, "context_group_sets_url")
    return GroupService(groups, sets, texts(service, "scope") or ())


def read_notices(claims: Claims) -> NoticeService | None:
    """The Platform Notification Service."""
    service = mapping(claims, names.NOTICE_SERVICE)
    where = url(service, "platform_notification_service_url") if service else None
    if service is None or where is None:
        return None
    return NoticeService(
        where, texts(service, "scope") or (), texts(service, "notice_types_supported") or ()
    )


def read_deep_linking(claims: Claims) -> DeepLinkingSettings:
    """The settings of a deep-linking request. ``data`` is opaque: kept exactly, or refused."""
    settings = mapping(claims, names.DEEP_LINKING_SETTINGS)
    if settings is None:
        raise missing(names.DEEP_LINKING_SETTINGS)
    return_url = url(settings, "deep_link_return_url")
    if return_url is None:
        raise (bad if settings.get("deep_link_return_url") else missing)("deep_link_return_url")
    types, targets = (
        texts(settings, "accept_types"),
        texts(settings, "accept_presentation_document_targets"),
    )
    if types is None:
        raise missing("accept_types")
    if targets is None:
        raise missing("accept_presentation_document_targets")
    data = settings.get("data")
    if data is not None and (not isinstance(data, str) or not is_storable(data)):
        raise bad("deep_linking_settings.data")
    return DeepLinkingSettings(
        return_url=return_url,
        accept_types=types,
        accept_targets=targets,
        accept_multiple=flag(settings, "accept_multiple") or False,
        accept_line_item=flag(settings, "accept_lineitem") is not False,
        data=data,
    )


def _versions(service: Claims) -> tuple[str, ...]:
    versions = service.get("service_versions")
    if isinstance(versions, str):
        return (versions,)
    return texts(service, "service_versions") or ()
