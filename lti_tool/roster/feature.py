"""The declaration of the feature."""

from courseware.i18n.marking import N_
from lti_tool.feature import Feature
from lti_tool.roster import tasks
from lti_tool.roster.personal_data import PERSONAL_DATA
from lti_tool.roster.views import blueprint
from lti_tool.sessions.navigation import NavigationEntry

FEATURE = Feature(
    name="roster",
    session_blueprints=(blueprint,),
    navigation=(NavigationEntry(N_("Participants"), "roster.show"),),
    models="lti_tool.roster.model",
    task_handlers=tasks.handlers,
    purge=tasks.purge,
    personal_data=PERSONAL_DATA,
)
