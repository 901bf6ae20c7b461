"""Custom parameters and their ``$Variables``: LTI Core 1.3 §5.4.6 and appendix B.

Unknown variables are sent unchanged, as real platforms do.
"""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

from demo_lms import links, urls
from demo_lms.model import PendingLaunch, ResourceLink, Tool
from demo_lms.state import PlatformState
from demo_lms.vocabulary import short_role


def substitute(
    state: PlatformState,
    pending: PendingLaunch,
    tool: Tool,
    resource_link: ResourceLink | None,
    custom: dict[str, str],
) -> dict[str, Any]:
    """Replace the variables in ``{"who": "$Person.name.full", "module": "module-4"}``."""
    variables = _variables(state, pending, tool, resource_link)

    def value(text: str) -> Any:
        make = variables.get(text[1:]) if isinstance(text, str) and text.startswith("$") else None
        return make() if make else text

    return {name: value(text) for name, text in custom.items()}


def _variables(
    state: PlatformState, pending: PendingLaunch, tool: Tool, resource_link: ResourceLink | None
) -> dict[str, Callable[[], str]]:
    user = state.users[pending.user]
    course = state.courses[pending.course_id]
    item = state.line_items.get(resource_link.line_item_id or "") if resource_link else None
    names: dict[str, Callable[[], str]] = {
        "User.id": lambda: user.subject or "",
        "Person.name.full": lambda: user.name if tool.shares_names else "",
        "Person.name.given": lambda: user.given_name if tool.shares_names else "",
        "Person.name.family": lambda: user.family_name if tool.shares_names else "",
        "Person.email.primary": lambda: user.email if tool.shares_email else "",
        "Membership.role": lambda: ",".join(short_role(role) for role in user.roles),
        "Context.id": lambda: course.id,
        "Context.title": lambda: course.title,
        "Context.label": lambda: course.label,
        "Message.locale": lambda: pending.language,
        "Message.returnUrl": lambda: (
            f"{pending.site or state.public_url}/courses/{course.id}/return"
        ),
        "ToolPlatformInstance.guid": lambda: "patio-demo-lms",
        "LineItems.url": lambda: urls.line_items(state, course.id, tool),
    }
    if resource_link:
        names["ResourceLink.id"] = lambda: links.lti_id(state, resource_link)
        names["ResourceLink.title"] = lambda: resource_link.title
        names["ResourceLink.description"] = lambda: resource_link.text
    if state.flavour != "openedx":
        for name, value in histories(state, pending).items():
            names[name] = partial(str, value)
    if pending.acted_by:
        actor = state.users[pending.acted_by]
        names["Canvas.masqueradingUser.id"] = lambda: actor.subject or ""
    if item:
        names["LineItem.url"] = lambda: urls.line_item(state, item)
        names["ResourceLink.available.startDateTime"] = lambda: item.start or ""
        names["ResourceLink.submission.endDateTime"] = lambda: item.end or ""
    return names


def histories(state: PlatformState, pending: PendingLaunch) -> dict[str, str]:
    """The variables that tell what the course and the activity were copied from."""
    found = {"Context.id.history": _history(state.courses[pending.course_id].history)}
    if link := state.resource_links.get(pending.resource_link_id or ""):
        found["ResourceLink.id.history"] = _history(link.history)
    return found


def _history(ids: list[str]) -> str:
    return ",".join(quote(id_, safe="") for id_ in ids)
