"""All tables in one place, for migrations and for tests that make a database."""

from lti_tool.discussion import model as discussion
from lti_tool.institution import model as institution
from lti_tool.launches import model as launches
from lti_tool.module_page import model as module_page
from lti_tool.packages import model as packages
from lti_tool.storage import outbox

__all__ = ["discussion", "institution", "launches", "module_page", "outbox", "packages"]
