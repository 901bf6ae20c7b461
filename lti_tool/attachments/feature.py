"""The declaration of the feature."""

from lti_tool.attachments.personal_data import PERSONAL_DATA
from lti_tool.attachments.service import purge
from lti_tool.feature import Feature

FEATURE = Feature(
    name="attachments",
    models="lti_tool.attachments.model",
    purge=purge,
    personal_data=PERSONAL_DATA,
)
