"""The declaration of the feature."""

from courseware.i18n.marking import N_
from lti_tool.feature import Feature
from lti_tool.registrations import setup_views, views
from lti_tool.registrations.commands import deployments, invite, registrations
from lti_tool.registrations.join_command import join_registrations
from lti_tool.registrations.key_commands import keys
from lti_tool.registrations.retention_command import retention

registrations.add_command(join_registrations)
registrations.add_command(retention)

FEATURE = Feature(
    name="registrations",
    blueprints=(setup_views.blueprint, views.blueprint),
    acts={
        "registrations.add": N_("Registered the tool"),
        "registrations.update": N_("Updated the registration"),
        "registrations.change": N_("Changed the registration"),
        "registrations.deployment": N_("Changed a deployment"),
        "registrations.confirm": N_("Confirmed a change of the registration"),
        "registrations.reject": N_("Rejected a change of the registration"),
    },
    commands=(registrations, deployments, invite, keys),
)
