"""HTTP views with which instructors moderate, and participants report posts."""

from collections.abc import Callable

from flask import Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from lti_tool.discussion import names, presenter, queries
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.messages import STATUS, message_for
from lti_tool.discussion.moderation import log, reports
from lti_tool.discussion.moderation.pages import (
    for_instructors,
    living_post,
    moderation_page,
    moderator_of,
    shown_post,
)
from lti_tool.discussion.moderation.service import Moderator
from lti_tool.discussion.page_query import parse_post_id
from lti_tool.discussion.permissions import (
    EVERYBODY,
    may_moderate,
    may_report,
    must_see_others,
)
from lti_tool.discussion.post_views import extras_of
from lti_tool.discussion.reader import Reader
from lti_tool.discussion.requests import (
    ROW_ID,
    blueprint,
    go_to_post,
    not_found,
    reader_of_request,
    scope_of,
)
from lti_tool.web.audit_details import in_words
from lti_tool.web.context import database
from lti_tool.web.pages import render, ui

_THREADS_OFFERED = 30
"""Threads into which a post can be moved without pasting a link."""

_Act = Callable[[Moderator, int], None]


def _value(name: str) -> str:
    return request.form.get(name, "")


def _move(moderator: Moderator, post_id: int) -> None:
    moderator.move(post_id, _value("link").strip() or _value("thread"))


_ACTS: dict[str, _Act] = {
    "pin": Moderator.pin,
    "unpin": Moderator.unpin,
    "close": Moderator.close,
    "reopen": Moderator.reopen,
    "answer": lambda moderator, post_id: moderator.mark(post_id, "answer"),
    "highlight": lambda moderator, post_id: moderator.mark(post_id, "highlight"),
    "unmark": lambda moderator, post_id: moderator.mark(post_id, None),
    "hide": lambda moderator, post_id: moderator.hide(post_id, _value("reason")),
    "show": Moderator.show,
    "hide_here": lambda moderator, post_id: moderator.hide_here(post_id, _value("reason")),
    "show_here": Moderator.show_here,
    "question": lambda moderator, post_id: moderator.set_question(
        post_id, _value("question") or None
    ),
    "group": lambda moderator, post_id: moderator.set_group(
        post_id, parse_post_id(_value("group")) or 0
    ),
    "move": _move,
    "split": Moderator.split,
}
"""The acts of the page of one post, by the value of the pressed button."""


@blueprint.route(f"/post/<{ROW_ID}:post_id>/moderate", methods=["GET", "POST"])
@for_instructors
def moderate(post_id: int) -> BaseResponse:
    """Show what an instructor can do with a post (GET), and do it (POST)."""
    reader = reader_of_request()
    error, status = None, 200
    if request.method == "POST":
        act = _ACTS.get(_value("act"))
        if act is None:
            not_found()
        try:
            act(moderator_of(reader), post_id)
        except DiscussionError as refusal:
            if refusal.reason in (Reason.UNKNOWN_POST, Reason.DELETED_POST):
                raise
            error, status = message_for(reader.ui, refusal), STATUS[refusal.reason]
        else:
            return _back_to(reader, post_id)
    return _moderate_page(reader, post_id, error, status)


def _moderate_page(reader: Reader, post_id: int, error: str | None, status: int) -> Response:
    scope = scope_of(reader)
    with database().read_core() as connection:
        row = queries.find_post(connection, scope, post_id)
        if row is None or row.status == "deleted":
            not_found()
        listed = queries.thread_page(connection, scope, limit=_THREADS_OFFERED, replies=0)
        extras = extras_of(connection, reader, [row])
    own_thread = row.thread_id or row.id
    threads = [
        presenter.posted_view(reader, thread.first)
        for thread in (*listed.pinned, *listed.threads)
        if thread.first.id != own_thread and thread.first.status == "published"
    ]
    return moderation_page(
        "post",
        None,
        status=status,
        title=ui().gettext("Moderate a post"),
        post=shown_post(reader, row, extras),
        row=row,
        threads=threads,
        questions=list(reader.questions.values()),
        groups=sorted(reader.group_names.items(), key=lambda each: each[1]),
        error=error,
        typed={name: _value(name) for name in ("reason", "link", "thread", "act")},
        action=url_for(".moderate", post_id=post_id),
        delete_href=url_for(".remove", post_id=post_id),
        queue_href=url_for(".queue"),
        back_href=url_for(".show", post_id=post_id),
        foreign=not may_moderate(reader.permissions, row.institution_id),
        shared=reader.state.shared_id > 0,
        pins=reader.state.audience != "exchange" or row.group_id != EVERYBODY,
    )


@blueprint.route(f"/post/<{ROW_ID}:post_id>/remove", methods=["GET", "POST"])
@for_instructors
def remove(post_id: int) -> BaseResponse:
    """Ask for a reason (GET), then delete somebody's post (POST)."""
    reader = reader_of_request()
    error, status = None, 200
    if request.method == "POST":
        try:
            moderator_of(reader).delete(post_id, _value("reason"))
        except DiscussionError as refusal:
            if refusal.reason not in (Reason.NO_REASON, Reason.REASON_TOO_LONG):
                raise
            error, status = message_for(reader.ui, refusal), STATUS[refusal.reason]
        else:
            return _back_to(reader, post_id)
    return moderation_page(
        "remove",
        None,
        status=status,
        title=ui().gettext("Delete this post?"),
        post=presenter.posted_view(reader, living_post(reader, post_id)),
        action=url_for(".remove", post_id=post_id),
        cancel_href=url_for(".moderate", post_id=post_id),
        error=error,
        reason=_value("reason"),
    )


@blueprint.route(f"/post/<{ROW_ID}:post_id>/report", methods=["GET", "POST"])
def report(post_id: int) -> BaseResponse:
    """Ask for a reason (GET), then tell the instructors of a post (POST)."""
    reader = reader_of_request()
    must_see_others(reader.permissions)
    error, status = None, 200
    row = living_post(reader, post_id)
    if not may_report(reader.permissions, reader.state.settings):
        raise DiscussionError(Reason.NO_REPORTS)
    if request.method == "POST":
        try:
            reports.report_post(
                database(),
                reader.launch_session,
                reader.permissions,
                reader.module,
                post_id,
                _value("reason"),
            )
        except DiscussionError as refusal:
            error, status = message_for(reader.ui, refusal), STATUS[refusal.reason]
        else:
            return render(
                "tool/message.html",
                title=ui().gettext("Thank you"),
                paragraphs=[
                    ui().gettext(
                        "The instructors will read the post. It stays visible until they decide."
                    )
                ],
                actions=[
                    (ui().gettext("Back to the discussion"), url_for(".show", post_id=post_id))
                ],
            )
    return render(
        "tool/moderation/report.html",
        status=status,
        title=ui().gettext("Report a post"),
        post=presenter.posted_view(reader, row),
        action=url_for(".report", post_id=post_id),
        cancel_href=url_for(".show", post_id=post_id),
        error=error,
        reason=_value("reason"),
    )


@blueprint.get("/moderation/log")
@for_instructors
def moderation_log() -> Response:
    """List the moderating acts, the latest first."""
    reader = reader_of_request()
    link = reader.launch_session.resource_link_id or 0
    with database().read_core() as connection:
        before = parse_post_id(request.args.get("before"))
        found = log.entries(connection, link, reader.module.id, before)
    shown = found[: log.PER_PAGE]
    return moderation_page(
        "log",
        "discussion.moderation_log",
        entries=[
            (
                entry,
                reader.ui.gettext(log.LABELS[entry.action]),
                in_words(reader.ui, f"{log.PREFIX}{entry.action}", entry.detail),
                _instructor_name(reader, entry),
                url_for(".show", post_id=entry.post_id)
                if entry.post_id is not None and entry.discussion_id == reader.state.id
                else None,
            )
            for entry in shown
        ],
        more_href=url_for(".moderation_log", before=shown[-1].id)
        if len(found) > log.PER_PAGE
        else None,
    )


def _instructor_name(reader: Reader, entry: log.Entry) -> str:
    if entry.user_id is None:
        return reader.ui.gettext("Someone whose data was erased")
    code = None if entry.name else names.pseudonym_code(reader.secret_key, entry.user_id)
    return names.display_name(reader.ui, entry.name, code, "instructor")


def _back_to(reader: Reader, post_id: int) -> BaseResponse:
    with database().read_core() as connection:
        reader = reader.again(connection, reader.launch_session.user_id)
    return go_to_post(reader, post_id)
