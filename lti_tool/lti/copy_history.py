"""What a course or an activity was copied from: LTI Core 1.3, appendix B.

``$ResourceLink.id.history`` and ``$Context.id.history`` are comma-separated, URL-encoded IDs, the
most recent copy first. They arrive in custom parameters that the tool asks for, or in a claim of
the platform's own. A platform that does not know them sends the variable's name.
https://www.imsglobal.org/spec/lti/v1p3/#lti-resource-link-variables
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from lti_tool.lti.sanitize import is_identifier, is_variable

RESOURCE_LINK, CONTEXT = "ResourceLink.id.history", "Context.id.history"
CUSTOM_PARAMETERS: Mapping[str, str] = MappingProxyType(
    {"resource_link_id_history": f"${RESOURCE_LINK}", "context_id_history": f"${CONTEXT}"}
)
"""The custom parameters to ask for."""
LIMIT = 50
"""IDs that are read; earlier copies are ignored."""

_NAMES = {RESOURCE_LINK: "resource_link_id_history", CONTEXT: "context_id_history"}


def read_history(
    variable: str, own_id: str, custom: Mapping[str, Any], platform_claim: Mapping[str, Any]
) -> tuple[str, ...]:
    """The IDs that a variable lists, without the launch's own; a value that is no list is absent.

    The parameter may be named as the variable itself, where an administrator added it so.
    """
    values = (custom.get(_NAMES[variable]), custom.get(variable), platform_claim.get(variable))
    for value in values:
        ids = _parse(value, own_id) if isinstance(value, str) else ()
        if ids:
            return ids
    return ()


def _parse(text: str, own_id: str) -> tuple[str, ...]:
    if is_variable(text.strip()):
        return ()
    ids = (unquote(each.strip()) for each in text.split(",", LIMIT)[:LIMIT])
    return tuple(dict.fromkeys(id_ for id_ in ids if is_identifier(id_) and id_ != own_id))
