"""Sakai. https://github.com/sakaiproject/sakai."""

from lti_tool.platforms.quirks import Quirks, Reminder

SAKAI = Quirks(product="sakai", reminders=(Reminder.ENABLE_TOOL,))
