"""The declaration of the feature."""

from courseware.i18n.marking import N_
from lti_tool.feature import Feature
from lti_tool.module_choice.views import blueprint
from lti_tool.sessions.navigation import NavigationEntry

FEATURE = Feature(
    name="module_choice",
    session_blueprints=(blueprint,),
    navigation=(
        NavigationEntry(N_("Choose another module"), "module_choice.choices", for_choosers=True),
    ),
)
