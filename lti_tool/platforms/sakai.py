"""Sakai. https://github.com/sakaiproject/sakai."""

from lti_tool.platforms.profile import PlatformProfile, Reminder

SAKAI = PlatformProfile(product="sakai", reminders=(Reminder.ENABLE_TOOL,))
