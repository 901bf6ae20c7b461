"""The declaration of the feature."""

from courseware.i18n.marking import N_
from lti_tool.feature import Feature, PersonalData
from lti_tool.platform_notices import tasks
from lti_tool.platform_notices.views import blueprint

FEATURE = Feature(
    name="platform_notices",
    blueprints=(blueprint,),
    models="lti_tool.platform_notices.model",
    personal_data=PersonalData(kept={"notice_handlers": "notices of a platform; no person"}),
    task_handlers=tasks.handlers,
    acts={"notices.copied": N_("Copied a course")},
)
