"""The declaration of the feature."""

from courseware.i18n.marking import N_
from lti_tool.course_page import takeover_views
from lti_tool.course_page.views import blueprint, has_course
from lti_tool.feature import Feature
from lti_tool.sessions.navigation import NavigationEntry

# The view module adds its routes to the blueprint.
_VIEWS = (takeover_views,)

FEATURE = Feature(
    name="course_page",
    session_blueprints=(blueprint,),
    navigation=(NavigationEntry(N_("This course"), "course_page.show", available=has_course),),
)
