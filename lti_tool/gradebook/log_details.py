"""How the log shows what was changed about grades."""

import re

from courseware.i18n import Interface
from courseware.i18n.marking import N_
from lti_tool.discussion.moderation.log import PREFIX, Action
from lti_tool.gradebook.presenter import TITLES
from lti_tool.web.audit_details import ChangedSettings

_REQUIREMENT = re.compile(r"(all|\d{1,9}) \(weight (\d{1,9})\)")


def _requirement(ui: Interface, value: str) -> str | None:
    found = _REQUIREMENT.fullmatch(value)
    if found is None:
        return None
    weight = ui.number(int(found[2]))
    if found[1] == "all":
        return ui.gettext("all, weight %(weight)s", weight=weight)
    number = ui.number(int(found[1]))
    return ui.gettext("%(number)s, weight %(weight)s", number=number, weight=weight)


SETTINGS = ChangedSettings(
    names={
        "method": N_("Grade of the activity"),
        "maximum": N_("Maximum points"),
        "sections": N_("Sections read"),
        "questions": N_("Suggested questions answered"),
        "threads": N_("Posts that start a thread"),
        "replies": N_("Replies"),
        "due_at": N_("Due on"),
        "zero_after_due": N_("After that, participants who have done nothing get 0"),
        "released": N_("Participants see the grades in the LMS"),
        "first_post": N_("Points for the first post"),
        "first_post_due_at": N_("First post due on"),
        "replies_checkpoint": N_("Points for replies"),
        "replies_number": N_("Number of replies"),
        "replies_due_at": N_("Replies due on"),
        "time_zone": N_("Time zone of these dates"),
    },
    values={
        ("method", "none"): N_("No grade"),
        ("method", "participation"): N_("Points for participation"),
        ("method", "completion"): N_("Complete or incomplete"),
        ("method", "manual"): N_("Manually"),
    },
    other=_requirement,
)
DETAILS = {
    f"{PREFIX}{Action.GRADE_SETTINGS.value}": SETTINGS,
    f"{PREFIX}{Action.GRADE.value}": ChangedSettings(
        names={**{str(kind): title for kind, title in TITLES.items()}, "user": N_("Person")},
        ids=frozenset({"user"}),
    ),
}
