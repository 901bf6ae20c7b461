"""How the log shows the details of acts in a discussion."""

from collections.abc import Mapping

from courseware.i18n import Interface
from courseware.i18n.marking import N_
from lti_tool.discussion.moderation.audience_views import audience_label
from lti_tool.discussion.moderation.log import PREFIX, Action
from lti_tool.web.audit_details import ChangedSettings, Explain, chosen

SETTINGS = ChangedSettings(
    names={
        "must_post_first": N_("Post first"),
        "moderation": N_("Moderation"),
        "anonymous": N_("Anonymous"),
        "count_anonymous": N_("Count anonymous posts"),
        "opens_at": N_("Opens on"),
        "closes_at": N_("Closes on"),
        "time_zone": N_("Time zone of these dates"),
        "edit_minutes": N_("Minutes during which posts can be edited"),
        "locked": N_("Closed to participants"),
        "groups": N_("Groups"),
    },
    values={
        ("moderation", "none"): N_("No moderation"),
        ("moderation", "reported"): N_("Reported posts"),
        ("moderation", "first_post"): N_("First post of each person"),
        ("moderation", "all"): N_("All posts"),
        ("groups", "none"): N_("No groups"),
        ("groups", "separate"): N_("Separate groups"),
        ("groups", "visible"): N_("Visible groups"),
    },
    hidden=frozenset({"former_groups"}),
)


def former_activity(posts: int, title: str | None) -> str:
    """Return the details of having taken over a discussion."""
    return f"{posts} {title or ''}".strip()


def _former_activity(ui: Interface, detail: str) -> str:
    number, _, title = detail.partition(" ")
    if not number.isdecimal():
        return detail
    posts = ui.ngettext("%(n)s post", "%(n)s posts", int(number))
    return f"{title}: {posts}" if title else posts


_BY_ACTION: Mapping[Action, Explain] = {
    Action.SETTINGS: SETTINGS,
    Action.AUDIENCE: audience_label,
    Action.TAKE_OVER: _former_activity,
    Action.MARK: chosen({"answer": N_("Answer"), "highlight": N_("Highlighted")}),
}
DETAILS = {f"{PREFIX}{action.value}": explain for action, explain in _BY_ACTION.items()}
