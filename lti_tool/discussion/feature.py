"""The declaration of the feature."""

from lti_tool.discussion import tasks
from lti_tool.discussion.views import blueprint
from lti_tool.feature import Feature

FEATURE = Feature(
    name="discussion",
    session_blueprints=(blueprint,),
    models="lti_tool.discussion.model",
    task_handlers=lambda _settings: tasks.handlers,
    purge=tasks.purge,
)
