"""The declaration of the feature."""

from collections.abc import Sequence
from functools import partial

from courseware.i18n.marking import N_
from lti_tool.feature import Feature
from lti_tool.personal_data import export_store, service
from lti_tool.personal_data.commands import make_group
from lti_tool.personal_data.export_store import EXPORT
from lti_tool.personal_data.export_views import blueprint as export_blueprint
from lti_tool.personal_data.exports import build
from lti_tool.personal_data.labels import NAMED_TEXTS
from lti_tool.personal_data.own_data import OWN_DATA
from lti_tool.personal_data.people_views import ACTS, make_people_blueprint
from lti_tool.personal_data.service import Declarations
from lti_tool.personal_data.views import make_blueprint
from lti_tool.sessions.navigation import NavigationEntry
from lti_tool.settings import Settings
from lti_tool.storage.database import Database


def _purge(declarations: Declarations, settings: Settings, database: Database) -> None:
    service.reapply_erasures(database, settings, declarations)
    export_store.purge(settings, database)


def make_feature(others: Sequence[Feature]) -> Feature:
    """Return the feature, for the data that it and the other features declare."""
    declarations = (
        OWN_DATA,
        *(feature.personal_data for feature in others if feature.personal_data is not None),
    )
    return Feature(
        name="personal_data",
        session_blueprints=(
            make_blueprint(declarations),
            make_people_blueprint(declarations),
            export_blueprint,
        ),
        models="lti_tool.personal_data.model",
        task_handlers=lambda settings: {EXPORT: partial(build, settings, declarations)},
        institution_pages=(NavigationEntry(N_("People"), "people.find"),),
        acts=ACTS,
        details={"people.named": NAMED_TEXTS, "people.unnamed": NAMED_TEXTS},
        navigation=(NavigationEntry(N_("Your data"), "personal_data.show", for_everybody=True),),
        purge=partial(_purge, declarations),
        after_upgrade=lambda settings, database: service.reapply_erasures(
            database, settings, declarations
        ),
        commands=(make_group(declarations),),
        personal_data=OWN_DATA,
    )
