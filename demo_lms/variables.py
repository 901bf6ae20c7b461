"""Custom parameters and their ``$Variables``: LTI Core 1.3 §5.4.6 and appendix B.

A variable that this platform does not know is sent as it is written, as real platforms do.
"""

from collections.abc import Callable
from typing import Any

from demo_lms import addresses
from demo_lms.model import Pending, Placement, Tool
from demo_lms.state import State
from demo_lms.vocabulary import short_role


def substituted(
    state: State,
    pending: Pending,
    tool: Tool,
    placement: Placement | None,
    custom: dict[str, str],
) -> dict[str, Any]:
    """``{"who": "$Person.name.full", "module": "module-4"}`` with the known names filled in."""
    known = _known(state, pending, tool, placement)

    def value(text: str) -> Any:
        make = known.get(text[1:]) if isinstance(text, str) and text.startswith("$") else None
        return make() if make else text

    return {name: value(text) for name, text in custom.items()}


def _known(
    state: State, pending: Pending, tool: Tool, placement: Placement | None
) -> dict[str, Callable[[], str]]:
    person = state.people[pending.person]
    course = state.courses[pending.course_id]
    item = state.line_items.get(placement.line_item_id or "") if placement else None
    names: dict[str, Callable[[], str]] = {
        "User.id": lambda: person.subject or "",
        "Person.name.full": lambda: person.name if tool.shares_names else "",
        "Person.name.given": lambda: person.given_name if tool.shares_names else "",
        "Person.name.family": lambda: person.family_name if tool.shares_names else "",
        "Person.email.primary": lambda: person.email if tool.shares_email else "",
        "Membership.role": lambda: ",".join(short_role(role) for role in person.roles),
        "Context.id": lambda: course.id,
        "Context.title": lambda: course.title,
        "Context.label": lambda: course.label,
        "Context.id.history": lambda: "",
        "Message.locale": lambda: pending.language,
        "Message.returnUrl": lambda: state.address(f"/courses/{course.id}/return"),
        "ToolPlatformInstance.guid": lambda: "patio-demo-lms",
        "LineItems.url": lambda: addresses.line_items(state, course.id, tool),
    }
    if placement:
        names["ResourceLink.id"] = lambda: placement.id
        names["ResourceLink.title"] = lambda: placement.title
        names["ResourceLink.description"] = lambda: placement.text
    if item:
        names["LineItem.url"] = lambda: addresses.line_item(state, item)
        names["ResourceLink.available.startDateTime"] = lambda: item.start or ""
        names["ResourceLink.submission.endDateTime"] = lambda: item.end or ""
    return names
