"""The declaration of the feature."""

from lti_tool.feature import Feature
from lti_tool.packages import tasks
from lti_tool.packages.views import blueprint
from lti_tool.sessions.navigation import NavigationEntry
from lti_tool.web.wording import N_

FEATURE = Feature(
    name="packages",
    session_blueprints=(blueprint,),
    navigation=(NavigationEntry(N_("Download for offline use"), "packages.show"),),
    models="lti_tool.packages.model",
    task_handlers=tasks.handlers,
    purge=tasks.tidy,
)
