"""The declaration of the feature."""

from courseware.i18n.marking import N_
from lti_tool.feature import Feature, PersonalData
from lti_tool.participation import totals
from lti_tool.participation.views import blueprint
from lti_tool.sessions.navigation import NavigationEntry

FEATURE = Feature(
    name="participation",
    session_blueprints=(blueprint,),
    navigation=(NavigationEntry(N_("Participation"), "participation.show"),),
    models="lti_tool.participation.model",
    personal_data=PersonalData(kept={"participation_totals": "numbers of all people"}),
    task_handlers=lambda _settings: totals.handlers,
)
