"""The declaration of the feature."""

from lti_tool.feature import Feature
from lti_tool.registrations.commands import invite, registrations
from lti_tool.registrations.key_commands import keys
from lti_tool.registrations.views import blueprint

FEATURE = Feature(
    name="registrations",
    blueprints=(blueprint,),
    commands=(registrations, invite, keys),
)
