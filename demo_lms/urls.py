"""Where this platform's services live.

Moodle puts a query on line-item addresses, so that ``/scores`` must go into the *path*; the
"moodle" flavour does the same, which catches tools that append to the end of the string.
"""

from urllib.parse import quote

from demo_lms.model import LineItem, Tool
from demo_lms.state import State


def _query(state: State, tool: Tool) -> str:
    return f"?type_id={quote(tool.deployment_id)}" if state.flavour == "moodle" else ""


def token(state: State) -> str:
    """The token endpoint, which is also the audience of a tool's assertion."""
    return state.url("/lti/token")


def members(state: State, course_id: str) -> str:
    """The roster of a course."""
    return state.url(f"/lti/courses/{quote(course_id)}/members")


def groups(state: State, course_id: str) -> str:
    """The groups of a course."""
    return state.url(f"/lti/courses/{quote(course_id)}/groups")


def notice_handlers(state: State) -> str:
    """Where a tool says what it wants to be told."""
    return state.url("/lti/notice-handlers")


def line_items(state: State, course_id: str, tool: Tool) -> str:
    """All line items of a course that a tool may see."""
    return state.url(f"/lti/courses/{quote(course_id)}/line-items") + _query(state, tool)


def line_item(state: State, item: LineItem) -> str:
    """One line item. Its ``/scores`` and ``/results`` are below this address's path."""
    tool = state.tools[item.client_id]
    path = f"/lti/courses/{quote(item.course_id)}/line-items/{quote(item.id)}"
    return state.url(path) + _query(state, tool)


def results(state: State, item: LineItem) -> str:
    """The results of one line item."""
    url, mark, query = line_item(state, item).partition("?")
    return url + "/results" + mark + query


def deep_linking_answer(state: State, request_id: str) -> str:
    """Where a tool posts what was chosen."""
    return state.url(f"/lti/deep-linking/{quote(request_id)}")
