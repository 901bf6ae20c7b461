"""The declaration of the feature. Its tables are those of the directory."""

from courseware.i18n.marking import N_
from lti_tool.exchanges import commands, views
from lti_tool.feature import Feature
from lti_tool.sessions.navigation import NavigationEntry
from lti_tool.web.audit_details import with_choice

FEATURE = Feature(
    name="exchanges",
    session_blueprints=(views.blueprint,),
    institution_pages=(NavigationEntry(N_("Exchanges"), "exchanges.show"),),
    commands=(commands.exchange, commands.institutions),
    acts={
        "exchanges.describe": N_("Changed how the institution appears to others"),
        "exchanges.join": N_("Joined an exchange"),
        "exchanges.leave": N_("Left an exchange"),
    },
    details={
        "exchanges.describe": with_choice(
            {
                "pseudonym": N_("Pseudonym"),
                "initials": N_("Initials"),
                "name": N_("Name"),
            }
        ),
        "exchanges.leave": with_choice(
            {
                "nameless": N_("They stay, without names and without the name of your institution"),
                "remove": N_("Their texts are removed; the replies of others stay"),
                "keep": N_("They stay as they are"),
            }
        ),
    },
)
