"""The declaration of the feature."""

from courseware.i18n.marking import N_
from lti_tool.feature import Feature, PersonalData
from lti_tool.institution import tasks, views
from lti_tool.institution.log_details import DETAILS
from lti_tool.institution.self_test import views as self_test_views
from lti_tool.sessions.navigation import NavigationEntry

FEATURE = Feature(
    name="institution",
    session_blueprints=(views.blueprint, self_test_views.blueprint),
    navigation=(NavigationEntry(N_("Institution"), "institution.show", for_administrators=True),),
    institution_pages=(
        NavigationEntry(N_("Overview"), "institution.show"),
        NavigationEntry(N_("Self-test"), "self_test.show"),
        NavigationEntry(N_("Policies"), "institution.policies"),
        NavigationEntry(N_("Courses"), "institution.courses"),
        NavigationEntry(N_("Usage"), "institution.usage"),
        NavigationEntry(N_("Log"), "institution.log"),
    ),
    models="lti_tool.institution.model",
    personal_data=PersonalData(kept={"usage_days": "numbers of all people"}),
    task_handlers=tasks.handlers,
    purge=tasks.purge,
    acts={
        "institution.policies": N_("Changed the policies"),
        "institution.pause": N_("Turned the tool off"),
        "institution.resume": N_("Turned the tool on"),
        "institution.remove": N_("Requested the removal of everything"),
        "institution.join": N_("Joined two deployments"),
        "institution.join_registration": N_("Joined a former registration"),
        "institution.self_test": N_("Ran the self-test"),
    },
    details=DETAILS,
)
