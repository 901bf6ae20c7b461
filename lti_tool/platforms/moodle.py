"""Moodle, seen running as 4.5.6. https://docs.moodle.org/405/en/LTI_and_Moodle."""

from lti_tool.platforms.profile import PlatformProfile, Reminder

MOODLE = PlatformProfile(
    product="moodle",
    # A score without scoreGiven, or with gradingProgress Pending, sets the grade to none:
    # mod/lti/service/gradebookservices/classes/local/service/gradebookservices.php, save_grade.
    progress_clears_grade=True,
    # A tool that registers itself is pending, and then hidden from the activity chooser:
    # https://docs.moodle.org/405/en/External_tool_settings.
    reminders=(Reminder.ACTIVATE_TOOL, Reminder.SWITCH_ON_IN_COURSE),
    placements={"LtiDeepLinkingRequest": ("ContentArea",)},
)
