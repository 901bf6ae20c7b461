"""The declaration of the feature."""

from lti_tool.feature import Feature
from lti_tool.notifications import commands, link_views, tasks
from lti_tool.notifications.personal_data import PERSONAL_DATA
from lti_tool.notifications.views import blueprint

FEATURE = Feature(
    name="notifications",
    blueprints=(link_views.blueprint,),
    session_blueprints=(blueprint,),
    models="lti_tool.notifications.model",
    task_handlers=tasks.handlers,
    commands=(commands.mail,),
    personal_data=PERSONAL_DATA,
)
