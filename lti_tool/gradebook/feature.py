"""The declaration of the feature."""

from courseware.i18n.marking import N_
from lti_tool.feature import Feature
from lti_tool.gradebook import changes, grade_views, tasks
from lti_tool.gradebook.commands import grades
from lti_tool.gradebook.log_details import DETAILS
from lti_tool.gradebook.panels import PANELS
from lti_tool.gradebook.personal_data import PERSONAL_DATA
from lti_tool.gradebook.views import blueprint
from lti_tool.sessions.navigation import NavigationEntry

# The view modules add their routes to one blueprint.
_VIEWS = (grade_views,)

changes.subscribe()

FEATURE = Feature(
    name="gradebook",
    session_blueprints=(blueprint,),
    navigation=(NavigationEntry(N_("Grades"), "gradebook.show"),),
    models="lti_tool.gradebook.model",
    task_handlers=tasks.handlers,
    purge=tasks.purge,
    commands=(grades,),
    personal_data=PERSONAL_DATA,
    details=DETAILS,
    panels=PANELS,
)
