"""HTTP views of the moderation page: what waits for instructors, and their decisions."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Response, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from courseware.i18n import Interface
from lti_tool.discussion import presenter
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.messages import STATUS, message_for
from lti_tool.discussion.model import Post
from lti_tool.discussion.moderation import queue, together
from lti_tool.discussion.moderation.pages import (
    for_instructors,
    living_post,
    moderation_page,
    moderator_of,
    shown_post,
)
from lti_tool.discussion.moderation.service import Moderator
from lti_tool.discussion.page_query import parse_post_id
from lti_tool.discussion.permissions import may_moderate
from lti_tool.discussion.post_views import NO_EXTRAS, Extras, extras_of
from lti_tool.discussion.reader import Reader
from lti_tool.discussion.requests import ROW_ID, blueprint, not_found, reader_of_request
from lti_tool.discussion.selects import PostRow, Source
from lti_tool.discussion.text import render_stored
from lti_tool.discussion.view_models import PostView
from lti_tool.sessions.requests import see_other
from lti_tool.web.context import database
from lti_tool.web.pages import ui

_Act = Callable[[Moderator, int], None]
_SOURCES: dict[str, Source] = {"imported": "imported", "guests": "guests"}


def _value(name: str) -> str:
    return request.form.get(name, "")


_DECISIONS: dict[str, _Act] = {
    "approve": lambda moderator, post_id: moderator.approve(
        post_id, parse_post_id(_value("revision"))
    ),
    "reject": lambda moderator, post_id: moderator.reject(post_id, _value("reason")),
    "approve_edit": lambda moderator, post_id: moderator.approve_edit(post_id, _value("version")),
    "reject_edit": lambda moderator, post_id: moderator.reject_edit(post_id, _value("reason")),
    "keep": Moderator.keep,
    "hide_here": lambda moderator, post_id: moderator.hide_here(post_id, _value("reason")),
    "hide": lambda moderator, post_id: moderator.hide(post_id, _value("reason")),
}
"""The decisions about one post."""

_TOGETHER: dict[str, tuple[str, bool]] = {
    "approve": ("chosen", True),
    "approve_all": ("shown", True),
    "reject": ("chosen", False),
    "reject_all": ("shown", False),
}
"""The decisions about several posts: the field that names them, and whether they are approved."""


@blueprint.get("/moderation", endpoint="queue")
@for_instructors
def queue_page() -> Response:
    """List held posts, edits that wait for approval, and reported posts."""
    return _queue(reader_of_request())


@blueprint.post(f"/moderation/<{ROW_ID}:post_id>")
@for_instructors
def decide(post_id: int) -> BaseResponse:
    """Decide about a post of the list."""
    reader = reader_of_request()
    decision = _DECISIONS.get(_value("act"))
    if decision is None:
        not_found()
    try:
        decision(moderator_of(reader), post_id)
    except DiscussionError as refusal:
        error = message_for(reader.ui, refusal)
        return _queue(reader, error, STATUS[refusal.reason], post_id)
    return see_other(url_for(".queue", **_list_of_request()))


@blueprint.post("/moderation/together")
@for_instructors
def decide_together() -> BaseResponse:
    """Approve or reject several posts of the list."""
    reader = reader_of_request()
    if _value("act") not in _TOGETHER:
        not_found()
    field, approve = _TOGETHER[_value("act")]
    posts = [each for each in map(_waiting, request.form.getlist(field)) if each is not None]
    if not posts:
        return _queue(reader, reader.ui.gettext("Choose at least one post."), 400)
    try:
        if approve:
            outcome = together.approve(moderator_of(reader), posts)
        else:
            outcome = together.reject(moderator_of(reader), posts, _value("reason"))
    except DiscussionError as refusal:
        return _queue(reader, message_for(reader.ui, refusal), STATUS[refusal.reason])
    done: dict[str, Any] = {
        "approved" if approve else "rejected": outcome.done,
        "left": outcome.left,
    }
    return see_other(url_for(".queue", **_list_of_request(), **done))


def _waiting(value: str) -> together.Waiting | None:
    post_id, _, revision = value.partition("-")
    key, number = parse_post_id(post_id), parse_post_id(revision)
    return None if key is None or number is None else together.Waiting(key, number)


def _list_of_request() -> dict[str, Any]:
    """Return which held posts the page lists: of one source, and many at once."""
    values = {"of": request.args.get("of", ""), "many": request.args.get("many", "")}
    found = {"of": values["of"] if values["of"] in _SOURCES else "", "many": values["many"][:1]}
    return {name: value for name, value in found.items() if value}


def _queue(
    reader: Reader, error: str | None = None, status: int = 200, failed: int | None = None
) -> Response:
    held: queue.Listed[PostRow] = queue.Listed()
    edits: queue.Listed[queue.WaitingEdit] = queue.Listed()
    reported: queue.Listed[queue.Reported] = queue.Listed()
    extras, arguments, listed = NO_EXTRAS, request.args, _list_of_request()
    if reader.scope is not None:
        with database().read_core() as connection:
            scope = reader.scope
            held = queue.held_posts(
                connection,
                scope,
                parse_post_id(arguments.get("held")),
                _SOURCES.get(listed.get("of", ""), ""),
                together.MOST if "many" in listed else queue.PER_PAGE,
            )
            edits = queue.waiting_edits(connection, scope, parse_post_id(arguments.get("edits")))
            reported = queue.reported_posts(connection, scope, arguments.get("reported", ""))
            rows = [*held.items, *(edit.row for edit in edits.items)]
            rows += [each.row for each in reported.items]
            extras = extras_of(connection, reader, rows)
    return moderation_page(
        "queue",
        "discussion.queue",
        status=status,
        held=[(_queued(reader, row, extras), row.revision) for row in held.items],
        edits=[
            (_queued(reader, edit.row, extras), _rendered(edit.source), edit.version)
            for edit in edits.items
        ],
        reported=[
            (
                _queued(reader, each.row, extras),
                each.reports,
                each.reasons,
                not may_moderate(reader.permissions, each.row.institution_id),
            )
            for each in reported.items
        ],
        more={"held": held.after, "edits": edits.after, "reported": reported.after},
        listed=listed,
        sources=_sources(reader.ui),
        many=together.MOST,
        chosen=set(request.form.getlist("chosen")),
        outcome=_outcome(reader.ui),
        error=error,
        failed=failed,
        together_failed=status != 200 and failed is None,
        typed=_value("reason"),
    )


def _sources(interface: Interface) -> list[tuple[str, str]]:
    gettext = interface.gettext
    return [
        ("", gettext("All")),
        ("imported", gettext("Imported answers")),
        ("guests", gettext("Posts of guests")),
    ]


def _outcome(interface: Interface) -> list[str]:
    """Say what the decision about several posts did, from the URL to which it has led."""
    numbers = {
        name: parse_post_id(request.args.get(name)) or 0
        for name in ("approved", "rejected", "left")
    }
    ngettext, found = interface.ngettext, []
    if numbers["approved"]:
        found.append(
            ngettext("%(n)s post was approved.", "%(n)s posts were approved.", numbers["approved"])
        )
    if numbers["rejected"]:
        found.append(
            ngettext("%(n)s post was rejected.", "%(n)s posts were rejected.", numbers["rejected"])
        )
    if numbers["left"]:
        found.append(
            ngettext(
                "%(n)s post was left: its author has changed it, or another instructor has "
                "dealt with it.",
                "%(n)s posts were left: their authors have changed them, or another instructor "
                "has dealt with them.",
                numbers["left"],
            )
        )
    return found


def _rendered(source: str) -> Markup:
    return Markup(render_stored(source))  # noqa: S704 - sanitized by courseware.markdown


def _queued(reader: Reader, row: PostRow, extras: Extras) -> PostView:
    return replace(shown_post(reader, row, extras), may_report=False)


@blueprint.route(f"/moderation/<{ROW_ID}:post_id>/edit", methods=["GET", "POST"])
@for_instructors
def approve_edited(post_id: int) -> BaseResponse:
    """Edit a held post and approve it."""
    reader = reader_of_request()
    error, status = None, 200
    if request.method == "POST":
        try:
            moderator_of(reader).approve(post_id, parse_post_id(_value("revision")), _value("text"))
        except DiscussionError as refusal:
            if refusal.reason in (
                Reason.UNKNOWN_POST,
                Reason.DELETED_POST,
                Reason.DONE_ALREADY,
                Reason.OTHER_INSTITUTION,
            ):
                raise
            error, status = message_for(reader.ui, refusal), STATUS[refusal.reason]
        else:
            return see_other(url_for(".queue"))
    row = living_post(reader, post_id)
    if not may_moderate(reader.permissions, row.institution_id):
        raise DiscussionError(Reason.OTHER_INSTITUTION)
    with database().read() as session:
        post = session.get(Post, post_id)
    if post is None or post.status == "published":
        raise DiscussionError(Reason.DONE_ALREADY)
    return moderation_page(
        "approve",
        None,
        status=status,
        title=ui().gettext("Edit and approve"),
        post=presenter.posted_view(reader, row),
        text=_value("text") if request.method == "POST" else post.source,
        revision=post.revision,
        error=error,
        action=url_for(".approve_edited", post_id=post_id),
        cancel_href=url_for(".queue"),
    )
