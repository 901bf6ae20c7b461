"""The declaration of the feature."""

from lti_tool.feature import Feature
from lti_tool.module_page.personal_data import PERSONAL_DATA
from lti_tool.module_page.views import blueprint

FEATURE = Feature(
    name="module_page",
    session_blueprints=(blueprint,),
    models="lti_tool.module_page.model",
    personal_data=PERSONAL_DATA,
)
