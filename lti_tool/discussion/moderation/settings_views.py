"""HTTP views of an instructor: settings, announcements, archives and starting afresh."""

from dataclasses import fields, replace
from typing import Any

from flask import Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from lti_tool.discussion import composing, discussions, languages, post_views, queries, service
from lti_tool.discussion.discussions import DiscussionState
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.messages import STATUS, message_for
from lti_tool.discussion.moderation import archives as stored
from lti_tool.discussion.moderation import log, settings_form
from lti_tool.discussion.moderation.audience_views import present_audience
from lti_tool.discussion.moderation.log import Action
from lti_tool.discussion.moderation.pages import for_instructors, moderation_page, moderator_of
from lti_tool.discussion.page_query import parse_post_id
from lti_tool.discussion.permissions import Permissions, must_post
from lti_tool.discussion.reader import Reader
from lti_tool.discussion.requests import (
    ROW_ID,
    blueprint,
    go_to_post,
    not_found,
    reader_of_request,
)
from lti_tool.discussion.settings import DiscussionSettings
from lti_tool.discussion.view_models import PostView
from lti_tool.roster import queries as roster
from lti_tool.sessions.requests import see_other
from lti_tool.web import form_fields
from lti_tool.web.context import database
from lti_tool.web.context import settings as tool_settings
from lti_tool.web.pages import ui


@blueprint.route("/discussion/settings", methods=["GET", "POST"], endpoint="settings")
@for_instructors
def change_settings() -> BaseResponse:
    """Show the settings of the discussion (GET), and change them (POST)."""
    reader = reader_of_request()
    form, status, error, warned = settings_form.shown(reader.state.settings), 200, None, 0
    if request.method == "POST":
        form = settings_form.parsed(request.form, reader.ui)
        status = 400 if form.errors else 200
        warned = _hidden_by_groups(reader, form)
        if not form.errors and not (warned and not request.form.get("confirmed")):
            try:
                _save(reader, form)
            except DiscussionError as refusal:
                error, status = message_for(reader.ui, refusal), STATUS[refusal.reason]
            else:
                return see_other(url_for(".settings", saved="1"))
    with database().read_core() as connection:
        fixed = (
            reader.state.settings.anonymous
            and reader.state.id is not None
            and discussions.has_anonymous_posts(connection, reader.state.id)
        )
        renewed_at = roster.renewed_at(connection, reader.launch_session.course_id)
        own_id = None if reader.state.shared_id else reader.state.id
        former = stored.of_former_cohort(connection, own_id, renewed_at)
    return moderation_page(
        "settings",
        "discussion.settings",
        status=status,
        form=form,
        error=error,
        anonymous_forever=fixed,
        warned=warned,
        zones=form_fields.time_zones(),
        saved=request.method == "GET" and bool(request.args.get("saved")),
        groups_href=url_for(".groups"),
        renewed_at=renewed_at,
        former=former,
        afresh_href=url_for(".afresh"),
        audience=present_audience(reader),
        audience_href=url_for(".audience"),
    )


def _hidden_by_groups(reader: Reader, form: settings_form.SettingsForm) -> int:
    """Return the number of posts of groups, if the form switches groups off."""
    before = reader.state.settings.groups
    if before == "none" or form.changes.get("groups") != "none" or reader.state.id is None:
        return 0
    with database().read_core() as connection:
        return stored.posts_of_groups(connection, reader.state.id)


def _save(reader: Reader, form: settings_form.SettingsForm) -> None:
    with database().write() as session:
        before, after = discussions.set_settings(
            session, reader.launch_session, reader.module, **form.changes
        )
        changed = [
            f"{each.name}={_plain(getattr(after, each.name))}"
            for each in fields(DiscussionSettings)
            if getattr(before, each.name) != getattr(after, each.name)
        ]
        if changed:
            detail = ", ".join(changed)
            log.record(
                session, reader.launch_session, reader.module.id, Action.SETTINGS, detail=detail
            )


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


@blueprint.route("/discussion/announcement", methods=["GET", "POST"])
@for_instructors
def announce() -> BaseResponse:
    """Write an announcement: a pinned thread, with replies or without."""
    reader = reader_of_request()
    must_post(reader.permissions)
    error, status = None, 200
    values = request.form
    if request.method == "POST":
        draft = service.Draft(
            text=values.get("text", ""),
            draft_key=values.get("draft_key", ""),
            language=values.get("language") or None,
            group_id=parse_post_id(values.get("group")) or 0,
            announcement=True,
            shared_id=reader.state.shared_id,
            closed=not values.get("replies"),
        )
        try:
            posted = service.create_post(
                database(),
                tool_settings(),
                reader.launch_session,
                reader.permissions,
                reader.module,
                draft,
            )
        except DiscussionError as refusal:
            error, status = message_for(reader.ui, refusal), STATUS[refusal.reason]
        else:
            if not posted.repeated:
                with database().write() as session:
                    log.record(
                        session,
                        reader.launch_session,
                        reader.module.id,
                        Action.ANNOUNCE,
                        post_id=posted.post.id,
                    )
            with database().read_core() as connection:
                reader = reader.again(connection, reader.launch_session.user_id)
            return go_to_post(reader, posted.post.id)
    used = error is not None and values.get("draft_key")
    return moderation_page(
        "announce",
        "discussion.announce",
        status=status,
        action=url_for(".announce"),
        text=values.get("text", ""),
        language=values.get("language"),
        languages=languages.choices(
            languages.offered_languages(reader.module), languages.as_tag(values.get("language"))
        ),
        groups=sorted(reader.group_names.items(), key=lambda each: each[1])
        if reader.state.settings.groups != "none"
        else [],
        group=parse_post_id(values.get("group")) or 0,
        replies=bool(values.get("replies")) or request.method == "GET",
        draft_key=used or composing.new_draft_key(),
        error=error,
    )


@blueprint.route("/discussion/afresh", methods=["GET", "POST"])
@for_instructors
def afresh() -> BaseResponse:
    """Say what would happen (GET), then archive or empty the discussion (POST)."""
    reader = reader_of_request()
    if reader.state.shared_id:
        raise DiscussionError(Reason.SHARED)
    error = None
    if request.method == "POST":
        act, sure = request.form.get("act"), request.form.get("sure")
        if act in ("archive", "empty") and sure == act:
            moderator_of(reader).start_afresh(empty=act == "empty")
            return see_other(
                url_for(".archives") if act == "archive" else reader.module_url(reader.section)
            )
        error = ui().gettext("Tick the box to confirm.")
    with database().read_core() as connection:
        size = stored.size_of(connection, reader.state.id)
    return moderation_page(
        "afresh",
        "discussion.afresh",
        status=400 if error else 200,
        action=url_for(".afresh"),
        size=size,
        error=error,
    )


@blueprint.get("/discussion/archives")
@for_instructors
def archives() -> Response:
    """List the archived discussions of this activity and module."""
    reader = reader_of_request()
    link = reader.launch_session.resource_link_id or 0
    with database().read_core() as connection:
        found = stored.archives_of(connection, link, reader.module.id)
    return moderation_page(
        "archives",
        "discussion.archives",
        archives=[(each, url_for(".archive", archive_id=each.id)) for each in found],
    )


@blueprint.get(f"/discussion/archives/<{ROW_ID}:archive_id>")
@for_instructors
def archive(archive_id: int) -> Response:
    """Show a page of the threads of an archived discussion."""
    reader, found = _archive(archive_id)
    scope = reader.scope or not_found()
    after, before = (parse_post_id(request.args.get(name)) for name in ("after", "before"))
    filters = queries.Filters(order="newest")
    with database().read_core() as connection:
        page = queries.thread_page(connection, scope, filters, after=after, before=before)
        listed = [*page.pinned, *page.threads]
        extras = post_views.extras_of(
            connection,
            reader,
            [row for thread in listed for row in (thread.first, *thread.replies)],
        )
    threads = []
    for thread in listed:
        view = post_views.thread_with_replies(reader, thread, set(), extras=extras)
        if thread.more:
            view.more_replies_href = url_for(
                ".archived_thread", archive_id=archive_id, thread_id=view.id
            )
        threads.append(_without_links(view))

    def page_url(**arguments: Any) -> str:
        return url_for(".archive", archive_id=archive_id, **arguments)

    return moderation_page(
        "archive",
        None,
        title=ui().gettext("Archive"),
        archived_at=found.archived_at,
        threads=threads,
        newer_href=page_url(before=page.newer) if page.newer is not None else None,
        more_href=page_url(after=page.older) if page.older is not None else None,
        back_href=url_for(".archives"),
    )


@blueprint.get(f"/discussion/archives/<{ROW_ID}:archive_id>/thread/<{ROW_ID}:thread_id>")
@for_instructors
def archived_thread(archive_id: int, thread_id: int) -> Response:
    """Show a page of one thread of an archived discussion."""
    reader, found = _archive(archive_id)
    scope = reader.scope or not_found()
    after, before = (parse_post_id(request.args.get(name)) for name in ("after", "before"))
    with database().read_core() as connection:
        page = queries.reply_page(connection, scope, thread_id, after=after, before=before)
        if page is None:
            not_found()
        extras = post_views.extras_of(connection, reader, (page.first, *page.replies))
    view = _without_links(post_views.thread_page_view(reader, page, extras=extras).thread)

    def page_url(**arguments: Any) -> str:
        return url_for(".archived_thread", archive_id=archive_id, thread_id=thread_id, **arguments)

    return moderation_page(
        "archive",
        None,
        title=ui().gettext("Archive"),
        archived_at=found.archived_at,
        threads=[view],
        newer_href=page_url(before=page.earlier) if page.earlier is not None else None,
        more_href=page_url(after=page.later) if page.later is not None else None,
        back_href=url_for(".archive", archive_id=archive_id),
    )


def _archive(archive_id: int) -> tuple[Reader, stored.Archive]:
    """Return a reader of an archived discussion, who cannot write in it."""
    reader = reader_of_request()
    link = reader.launch_session.resource_link_id or 0
    with database().read_core() as connection:
        found = stored.find_archive(connection, link, reader.module.id, archive_id)
    if found is None:
        raise DiscussionError(Reason.UNKNOWN_POST)
    state = DiscussionState(id=found.id, pinned=1)
    permissions = Permissions(read=True, post=False, moderate=True, groups=None)
    return replace(reader, state=state, permissions=permissions, pending={}), found


def _without_links(view: PostView) -> PostView:
    """Remove the actions, which apply to posts of the present discussion only."""
    return replace(
        view,
        author_href=None,
        link_href="",
        may_reply=False,
        may_react=False,
        may_edit=False,
        may_delete=False,
        may_see_history=False,
        may_moderate=False,
        may_report=False,
        unread=False,
        answered_href=None if view.answered_href is None else "",
        replies=[_without_links(reply) for reply in view.replies],
    )
