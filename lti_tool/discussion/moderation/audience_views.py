"""HTTP view with which an instructor chooses who reads the discussion."""

from flask import request, url_for
from werkzeug.wrappers import Response as BaseResponse

from courseware.i18n import Interface
from lti_tool.discussion import audience
from lti_tool.discussion.audience import Choice
from lti_tool.discussion.errors import DiscussionError
from lti_tool.discussion.messages import STATUS, message_for
from lti_tool.discussion.moderation import archives as stored
from lti_tool.discussion.moderation import log
from lti_tool.discussion.moderation.log import Action
from lti_tool.discussion.moderation.pages import for_instructors, moderation_page
from lti_tool.discussion.reader import Reader
from lti_tool.discussion.requests import blueprint, reader_of_request
from lti_tool.sessions.requests import see_other
from lti_tool.web.context import database
from lti_tool.web.pages import ui


@blueprint.route("/discussion/audience", methods=["GET", "POST"], endpoint="audience")
@for_instructors
def choose_audience() -> BaseResponse:
    """Say what a change means (GET), and change who reads the discussion (POST)."""
    reader = reader_of_request()
    present = audience.key_of(reader.state)
    chosen = request.form.get("audience", present)[:40]
    problem, status = None, 200
    if request.method == "POST":
        if chosen != present and not request.form.get("confirmed"):
            problem, status = reader.ui.gettext("Tick the box to confirm."), 400
        else:
            try:
                _save(reader, chosen)
            except DiscussionError as refusal:
                problem, status = message_for(reader.ui, refusal), STATUS[refusal.reason]
            else:
                return see_other(url_for(".audience", saved="1"))
    with database().read_core() as connection:
        offered = audience.choices(connection, reader.launch_session)
        size = stored.size_of(connection, reader.state.id)
    return moderation_page(
        "audience",
        "discussion.settings",
        title=ui().gettext("Who reads this discussion"),
        status=status,
        choices=[(each, *_described(reader.ui, each)) for each in offered],
        present=present,
        chosen=chosen,
        posts=size.posts,
        problem=problem,
        saved=request.method == "GET" and bool(request.args.get("saved")),
        action=url_for(".audience"),
        settings_href=url_for(".settings"),
    )


def _save(reader: Reader, chosen: str) -> None:
    session_, module = reader.launch_session, reader.module
    with database().read_core() as connection:
        offered = audience.choices(connection, session_)
    with database().write() as session:
        if audience.change(session, session_, module, chosen):
            exchange = next((each.exchange for each in offered if each.key == chosen), "")
            log.record(session, session_, module.id, Action.AUDIENCE, detail=exchange or chosen)


def _described(interface: Interface, choice: Choice) -> tuple[str, str]:
    gettext = interface.gettext
    if choice.exchange:
        return (
            gettext("The exchange “%(exchange)s”", exchange=choice.exchange),
            gettext(
                "All institutions that have joined it, where an instructor chose it for the same "
                "module. Other institutions see your participants as your institution has decided."
            ),
        )
    if choice.key == audience.INSTITUTION:
        return (
            gettext("Courses of this institution"),
            gettext("All courses in which an instructor chose this for the same module."),
        )
    return gettext("This course"), gettext("The participants and instructors of this course.")


def audience_label(interface: Interface, stored: str) -> str:
    """Return the name of an audience that the log stores: a key, or the name of an exchange."""
    keys = (audience.COURSE, audience.INSTITUTION)
    choice = Choice(stored) if stored in keys else Choice("", stored)
    return _described(interface, choice)[0]


def present_audience(reader: Reader) -> str:
    """Return a sentence about who reads the discussion now."""
    gettext = reader.ui.gettext
    if reader.state.audience == "exchange":
        return gettext(
            "The institutions of the exchange “%(exchange)s” share this discussion.",
            exchange=reader.state.exchange_name,
        )
    if reader.state.audience == "institution":
        return gettext("Courses of your institution share this discussion.")
    return gettext("This course alone reads this discussion.")
