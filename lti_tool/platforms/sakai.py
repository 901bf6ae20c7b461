"""Sakai. https://github.com/sakaiproject/sakai/blob/master/lti/docs/LTI-ADVANTAGE.md."""

from lti_tool.platforms.quirks import Quirks, Reminder

SAKAI = Quirks(product="sakai", reminders=(Reminder.ENABLE_TOOL,))
