"""The declaration of the feature."""

from courseware.i18n.marking import N_
from lti_tool.feature import Feature, PersonalData
from lti_tool.packages import file_views, tasks
from lti_tool.packages.views import blueprint
from lti_tool.sessions.navigation import NavigationEntry

FEATURE = Feature(
    name="packages",
    blueprints=(file_views.blueprint,),
    session_blueprints=(blueprint,),
    navigation=(NavigationEntry(N_("Download for offline use"), "packages.show"),),
    models="lti_tool.packages.model",
    personal_data=PersonalData(kept={"packages": "packages of modules; no person"}),
    task_handlers=tasks.handlers,
    purge=tasks.purge,
)
