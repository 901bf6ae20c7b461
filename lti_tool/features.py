"""The features of the tool. A new feature is added to this list, and nowhere else."""

from lti_tool.discussion.feature import FEATURE as DISCUSSION
from lti_tool.feature import Feature
from lti_tool.launches.feature import FEATURE as LAUNCHES
from lti_tool.module_choice.feature import FEATURE as MODULE_CHOICE
from lti_tool.module_page.feature import FEATURE as MODULE_PAGE
from lti_tool.packages.feature import FEATURE as PACKAGES
from lti_tool.registrations.feature import FEATURE as REGISTRATIONS

FEATURES: tuple[Feature, ...] = (
    LAUNCHES,
    REGISTRATIONS,
    MODULE_PAGE,
    DISCUSSION,
    MODULE_CHOICE,
    PACKAGES,
)
