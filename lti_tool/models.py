"""Every table of the tool, imported in one place for migrations and for tests."""

from lti_tool.directory import model as directory
from lti_tool.discussion import model as discussion
from lti_tool.module_page import model as module_page
from lti_tool.packages import model as packages
from lti_tool.sessions import model as sessions
from lti_tool.tasks import outbox

__all__ = [
    "directory",
    "discussion",
    "module_page",
    "outbox",
    "packages",
    "sessions",
]
