"""URLs of the services.

Moodle adds a query to line-item URLs, so that ``/scores`` must be inserted into the *path*. The
"moodle" flavour does the same, to detect tools that append it to the string.
"""

from urllib.parse import quote

from demo_lms.model import LineItem, Tool
from demo_lms.state import PlatformState


def _query(state: PlatformState, tool: Tool) -> str:
    return f"?type_id={quote(tool.deployment_id)}" if state.flavour == "moodle" else ""


def token(state: PlatformState) -> str:
    """The token endpoint; also the audience of a client assertion."""
    return state.url("/lti/token")


def members(state: PlatformState, course_id: str) -> str:
    """The members of a course."""
    return state.url(f"/lti/courses/{quote(course_id)}/members")


def groups(state: PlatformState, course_id: str) -> str:
    """The groups of a course."""
    return state.url(f"/lti/courses/{quote(course_id)}/groups")


def notice_handlers(state: PlatformState) -> str:
    """The notice handlers of a tool."""
    return state.url("/lti/notice-handlers")


def line_items(state: PlatformState, course_id: str, tool: Tool) -> str:
    """The line items of a course."""
    return state.url(f"/lti/courses/{quote(course_id)}/line-items") + _query(state, tool)


def line_item(state: PlatformState, item: LineItem) -> str:
    """A line item. Its ``/scores`` and ``/results`` are below the path of this URL."""
    tool = state.tools[item.client_id]
    path = f"/lti/courses/{quote(item.course_id)}/line-items/{quote(item.id)}"
    return state.url(path) + _query(state, tool)


def results(state: PlatformState, item: LineItem) -> str:
    """The results of a line item."""
    url, separator, query = line_item(state, item).partition("?")
    return url + "/results" + separator + query


def deep_linking_response(state: PlatformState, request_id: str) -> str:
    """The return URL of a deep-linking request."""
    return state.url(f"/lti/deep-linking/{quote(request_id)}")
