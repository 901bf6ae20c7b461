"""Every table of the tool, imported in one place for migrations and for tests."""

from lti_tool.directory import course_model, registration_model, signing_keys
from lti_tool.discussion import model as discussion
from lti_tool.module_page import model as module_page
from lti_tool.packages import model as packages
from lti_tool.tasks import outbox

__all__ = [
    "course_model",
    "discussion",
    "module_page",
    "outbox",
    "packages",
    "registration_model",
    "signing_keys",
]
