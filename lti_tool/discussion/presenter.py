"""Build the template context of the discussion for one reader."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from sqlalchemy import Connection

from courseware.i18n import Interface
from courseware.languages import endonym
from courseware.module import Module
from courseware.page import Page
from lti_tool.discussion import counts as counted
from lti_tool.discussion import languages, queries, summary_presenter
from lti_tool.discussion.composing import answered_post, composer, saved_drafts
from lti_tool.discussion.counts import PostCounts
from lti_tool.discussion.model import Post
from lti_tool.discussion.page_query import (
    ALL_LANGUAGES,
    PageQuery,
    page_query,
    toggled,
)
from lti_tool.discussion.permissions import EVERYBODY, may_read_group
from lti_tool.discussion.post_views import (
    NO_EXTRAS,
    Extras,
    extras_of,
    post_view,
    thread_page_view,
    thread_with_replies,
)
from lti_tool.discussion.queries import EVERYTHING, Scope, Thread
from lti_tool.discussion.reader import Reader, make_reader
from lti_tool.discussion.selects import PostRow
from lti_tool.discussion.translation_presenter import add_translations
from lti_tool.discussion.view_models import (
    Chip,
    ComposerView,
    DiscussionView,
    FilterForm,
    PostView,
    ThreadView,
    UnreadView,
)
from lti_tool.sessions.current import CurrentSession
from lti_tool.settings import Settings
from lti_tool.web.templates import ANY_SESSION

_POST_LIST = "post_list"
"""Anchor of the list of threads: who turns to another page goes on with its first post. IDs of
sections have no underscore."""


def present(
    connection: Connection,
    settings: Settings,
    launch_session: CurrentSession,
    module: Module,
    page: Page,
    ui: Interface,
    arguments: Mapping[str, str],
) -> DiscussionView | None:
    """Return the discussion for the module's page; None if the module has none.

    Takes three SQL statements; one more if there are posts, two more if they have files or
    reactions, and one more each for a reader who was here before (what is unread), for a reply, for
    files of a draft, for pinned threads, for own posts that are held or hidden, and if
    ``before`` leads to the first page.
    """
    reader = make_reader(connection, settings, launch_session, module, page.questions, ui)
    if reader is None:
        return None
    query = page_query(arguments, reader.state.languages)
    if not reader.permissions.read:
        return DiscussionView(composer=composer(reader, query), closed=True)
    saved = saved_drafts(connection, reader, query)
    scope = reader.scope
    if scope is None or not reader.permissions.others:
        composer_view = composer(reader, query, saved=saved)
        if not reader.permissions.others:
            return DiscussionView(composer=composer_view, post_first=True)
        return _view(reader, query, composer_view, PostCounts())
    if query.group is not None and may_read_group(reader.permissions, query.group):
        scope = replace(scope, groups=(query.group,))
    counts = counted.count_posts(connection, scope.discussion_id, scope.user_id, scope.groups)
    listed = queries.thread_page(
        connection, scope, query.filters, counts=counts, after=query.after, before=query.before
    )
    unlisted = []
    if reader.state.own_unlisted and listed.newer is None:
        unlisted = queries.own_unlisted_threads(connection, scope)
    firsts = [*(Thread(row, (), more=False) for row in unlisted), *listed.pinned, *listed.threads]
    answered = answered_post(connection, reader, query.reply_to)
    composer_view = composer(reader, query, reply_to=answered, saved=saved)
    view = _view(reader, query, composer_view, counts)
    view.unread = _unread(connection, reader, scope)
    if query.after is None and query.before is None:
        view.summary = summary_presenter.pinned(connection, reader)
    rows = [row for thread in firsts for row in (thread.first, *thread.replies)]
    shown_ids = {row.id for row in rows}
    extras = extras_of(connection, reader, rows)
    read_up_to = _read_up_to(reader)
    view.threads = [
        thread_with_replies(reader, thread, shown_ids, read_up_to, extras) for thread in firsts
    ]
    every = [post for thread in view.threads for post in (thread, *thread.replies)]
    view.translate_fields = add_translations(connection, reader, query, every)
    if listed.newer is not None:
        view.newer_href = _list_url(reader, query, _POST_LIST, before=listed.newer)
    if listed.older is not None:
        view.more_href = _list_url(reader, query, _POST_LIST, after=listed.older)
    return view


def thread_view(
    connection: Connection, reader: Reader, thread_id: int, query: PageQuery
) -> ThreadView | None:
    """Return a page of one thread; None if there is no such thread."""
    scope = reader.scope
    if scope is None:
        return None
    page = queries.reply_page(connection, scope, thread_id, after=query.after, before=query.before)
    if page is None:
        return None
    extras = extras_of(connection, reader, (page.first, *page.replies))
    view = thread_page_view(reader, page, _read_up_to(reader), extras)
    posts = (view.thread, *view.thread.replies)
    view.translate_fields = add_translations(connection, reader, query, posts)
    return view


def chips(reader: Reader, counts: PostCounts, query: PageQuery) -> tuple[Chip, ...]:
    """Return the language filters: all posts, each language, the most frequent first, unknown ones.

    A language's link adds it to the chosen ones, or removes it.
    """
    chosen = query.filters.languages
    numbers = {tag: counts.by_language.get(tag, 0) for tag in chosen} | counts.by_language
    ordered = sorted(
        numbers.items(), key=lambda each: (each[0] == languages.UNKNOWN, -each[1], each[0])
    )
    everything = replace(query.filters, languages=())
    return (
        Chip(
            None,
            reader.ui.gettext("All"),
            counts.total,
            reader.module_href(reader.section, **query.arguments(everything)),
            not chosen,
        ),
        *(
            Chip(
                tag,
                reader.ui.gettext("Unknown language") if tag == languages.UNKNOWN else endonym(tag),
                number,
                reader.module_href(reader.section, **query.arguments(toggled(query.filters, tag))),
                tag in chosen,
            )
            for tag, number in ordered
        ),
    )


def post_path(
    connection: Connection,
    reader: Reader,
    row: PostRow | Post,
    query: PageQuery,
    *,
    newest: bool = False,
) -> str:
    """Return the page and anchor of a post, relative to the session's path.

    Filters stay only if the list shows the post with them. ``newest``: see ``queries.locate``.
    """
    scope = reader.scope
    assert scope is not None
    if row.thread_id is None and row.status == "deleted" and not row.reply_count:
        return reader.module_path(reader.section, **query.arguments())
    chosen, query = query.filters, replace(query, group=None)
    language = row.language or languages.UNKNOWN
    fits = row.status == "published" and (not chosen.languages or language in chosen.languages)
    if not fits or replace(chosen, languages=(), order="activity") != EVERYTHING:
        chosen = replace(EVERYTHING, order=chosen.order)
    location = queries.locate(connection, scope, row, chosen, newest=newest)
    if location.thread_id is None:
        arguments = query.arguments(chosen, after=location.after)
        return reader.module_path(f"p{row.id}", **arguments)
    after = f"?after={location.after}" if location.after is not None else ""
    return f"thread/{location.thread_id}{after}#p{row.id}"


def posted_view(reader: Reader, row: PostRow, extras: Extras = NO_EXTRAS) -> PostView:
    """Return the view of a post alone, as after publishing."""
    shown_ids = {row.reply_to_id} if row.reply_to_id is not None else set()
    return post_view(reader, row, shown_ids, extras=extras)


def _view(
    reader: Reader, query: PageQuery, composer_view: ComposerView, counts: PostCounts
) -> DiscussionView:
    poll = {"after": str(reader.state.latest_sequence)}
    chosen = query.filters.languages
    if chosen:
        poll["posts"] = ",".join(chosen)
    hidden = counts.total - counts.in_languages(chosen) if chosen else 0
    show_all = replace(EVERYTHING, order=query.filters.order)
    everybody = replace(query, group=None)
    language_filters = chips(reader, counts, query)
    return DiscussionView(
        composer=composer_view,
        chips=language_filters,
        total=counts.total,
        hidden=hidden,
        filtered=query.filters.any or query.group is not None,
        all_href=reader.module_href(reader.section, **everybody.arguments(show_all)),
        filters=_filter_form(reader, query, language_filters[1:]),
        answers=counts.answers,
        poll_href=f"{ANY_SESSION}poll?{urlencode(poll, safe=',')}",
        refresh_href=_list_url(reader, query, reader.section),
        summaries_href=f"{ANY_SESSION}summaries"
        if reader.permissions.moderate or reader.state.summary_week is not None
        else None,
        tools=_tools(reader),
    )


def _tools(reader: Reader) -> list[tuple[str, str]]:
    """Return label and URL of the pages with which an instructor leads the discussion."""
    if not reader.permissions.moderate:
        return []
    base, gettext, state = ANY_SESSION, reader.ui.gettext, reader.state
    waiting = state.waiting + state.reported
    moderation = gettext("Moderation")
    return [
        (
            f"{moderation} ({reader.ui.number(waiting)})" if waiting else moderation,
            f"{base}moderation",
        ),
        (gettext("Announcement"), f"{base}discussion/announcement"),
        (gettext("Discussion settings"), f"{base}discussion/settings"),
    ]


def reading_form(reader: Reader) -> UnreadView | None:
    """Return where the page's script reports what was read; None if nothing is stored."""
    if reader.launch_session.user_id is None or not reader.launch_session.own_record:
        return None
    return UnreadView(
        action=f"{ANY_SESSION}read",
        up_to=reader.state.latest_sequence,
        next_href=f"{ANY_SESSION}unread",
    )


def _list_url(reader: Reader, query: PageQuery, anchor: str, **page: int | None) -> str:
    return reader.module_href(anchor, **query.arguments(None, **page))


def _filter_form(reader: Reader, query: PageQuery, shown: Sequence[Chip]) -> FilterForm:
    filters = query.filters
    present = {chip.tag for chip in shown}
    others = [
        Chip(tag, endonym(tag), 0, "", False)
        for tag in languages.offered_languages(reader.module)
        if tag not in present
    ]
    return FilterForm(
        action=f"{ANY_SESSION}list",
        posts=",".join(filters.languages) or ALL_LANGUAGES,
        questions=tuple(reader.questions.values()),
        question=filters.question,
        by="me" if filters.mine else "staff" if filters.staff else "",
        unanswered=filters.unanswered,
        order=filters.order,
        languages=(*shown, *others),
        remembers=reader.launch_session.user_id is not None and reader.launch_session.own_record,
        changed=filters.any or filters.order != "activity" or query.group is not None,
        groups=tuple(_readable_groups(reader)),
        group=query.group,
    )


def _readable_groups(reader: Reader) -> list[tuple[int, str]]:
    """Return the groups among whose threads the reader can choose; none if there is no choice."""
    named = [
        each for each in reader.group_names.items() if may_read_group(reader.permissions, each[0])
    ]
    everybody = (EVERYBODY, reader.ui.gettext("For everyone"))
    return [everybody, *sorted(named, key=lambda each: each[1])] if named else []


def _read_up_to(reader: Reader) -> int | None:
    """Return up to which ``sequence`` the reader has read everything; None to mark nothing."""
    return reader.state.read_up_to if reader.state.visited else None


def _unread(connection: Connection, reader: Reader, scope: Scope) -> UnreadView | None:
    """Return what is new for the reader; None for readers about whom nothing is stored."""
    view, user_id, state = reading_form(reader), reader.launch_session.user_id, reader.state
    if view is None or user_id is None or not state.visited:
        return view
    if state.latest_sequence > min(state.read_up_to, state.earlier_visit_up_to):
        view.count, view.since_visit = counted.count_unread(
            connection,
            scope.discussion_id,
            state.read_up_to,
            state.earlier_visit_up_to,
            user_id=user_id,
            groups=scope.groups,
        )
    return view
