"""The declaration of the feature."""

from lti_tool.feature import Feature
from lti_tool.launches.views import blueprint

FEATURE = Feature(name="launches", blueprints=(blueprint,))
