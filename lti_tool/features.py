"""The features of the tool. A new feature is added to this list, and nowhere else."""

from lti_tool.attachments.feature import FEATURE as ATTACHMENTS
from lti_tool.course_page.feature import FEATURE as COURSE_PAGE
from lti_tool.discussion.feature import FEATURE as DISCUSSION
from lti_tool.exchanges.feature import FEATURE as EXCHANGES
from lti_tool.feature import Feature
from lti_tool.gradebook.feature import FEATURE as GRADEBOOK
from lti_tool.institution.feature import FEATURE as INSTITUTION
from lti_tool.launches.feature import FEATURE as LAUNCHES
from lti_tool.module_choice.feature import FEATURE as MODULE_CHOICE
from lti_tool.module_page.feature import FEATURE as MODULE_PAGE
from lti_tool.notifications.feature import FEATURE as NOTIFICATIONS
from lti_tool.packages.feature import FEATURE as PACKAGES
from lti_tool.participation.feature import FEATURE as PARTICIPATION
from lti_tool.personal_data.feature import make_feature as make_personal_data
from lti_tool.platform_notices.feature import FEATURE as PLATFORM_NOTICES
from lti_tool.registrations.feature import FEATURE as REGISTRATIONS
from lti_tool.roster.feature import FEATURE as ROSTER

_FEATURES: tuple[Feature, ...] = (
    LAUNCHES,
    REGISTRATIONS,
    MODULE_PAGE,
    DISCUSSION,
    ATTACHMENTS,
    NOTIFICATIONS,
    MODULE_CHOICE,
    COURSE_PAGE,
    PARTICIPATION,
    GRADEBOOK,
    PACKAGES,
    ROSTER,
    INSTITUTION,
    EXCHANGES,
    PLATFORM_NOTICES,
)

FEATURES = (*_FEATURES, make_personal_data(_FEATURES))
