"""Build the template context of the discussion for one reader.

The URL holds the language filter (``posts``), the page (``after``, ``before``) and the target of
the composer (``question``, ``reply_to``), so every view can be bookmarked, shared and navigated
back to.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from markupsafe import Markup
from sqlalchemy import Connection

from courseware.i18n import Interface
from courseware.languages import direction, endonym
from courseware.module import Module
from courseware.page import Page
from courseware.page_view import PageItem
from lti_tool.discussion import drafts, languages, names, queries, service
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.messages import message_for
from lti_tool.discussion.permissions import Permissions, permissions_of
from lti_tool.discussion.selects import PostRow
from lti_tool.discussion.view_models import Chip, ComposerView, DiscussionView, PostView, ThreadView
from lti_tool.sessions.current import CurrentSession
from lti_tool.settings import Settings
from lti_tool.web.templates import ANY_SESSION

_MAX_DIGITS = 9


@dataclass(frozen=True, slots=True)
class PageQuery:
    """The query parameters of the discussion; None for missing and invalid values."""

    language: str | None = None
    after: int | None = None
    before: int | None = None
    question: str | None = None
    reply_to: int | None = None


def page_query(values: Mapping[str, str]) -> PageQuery:
    """Parse the query parameters of a URL, or the fields of a form."""
    return PageQuery(
        language=languages.as_filter(values.get("posts")),
        after=parse_post_id(values.get("after")),
        before=parse_post_id(values.get("before")),
        question=values.get("question") or None,
        reply_to=parse_post_id(values.get("reply_to")),
    )


def parse_post_id(value: str | None) -> int | None:
    """Parse a submitted post id; None if it is not valid."""
    if value and len(value) <= _MAX_DIGITS and value.isascii() and value.isdecimal():
        return int(value)
    return None


@dataclass(slots=True)
class Reader:
    """The user of the request, the discussion, and what is derived from them once."""

    launch_session: CurrentSession
    module: Module
    ui: Interface
    secret_key: str
    questions: Mapping[str, PageItem]
    permissions: Permissions
    section: str
    instructor_label: str

    def module_url(self, anchor: str, **arguments: object) -> str:
        """Return the URL of the module's page, at an anchor."""
        return f"{self.launch_session.path}{module_path(anchor, **arguments)}"


def module_path(anchor: str, **arguments: object) -> str:
    """Return the module's page relative to the session's path, without arguments that are None."""
    given = {name: value for name, value in arguments.items() if value is not None}
    return f"{'?' if given else ''}{urlencode(given)}#{anchor}"


def make_reader(
    settings: Settings,
    launch_session: CurrentSession,
    module: Module,
    questions: Sequence[PageItem],
    ui: Interface,
) -> Reader | None:
    """Return the reader of a module's discussion; None if the module has no discussion."""
    section = module.discussion_section
    if section is None or launch_session.resource_link_id is None:
        return None
    return Reader(
        launch_session=launch_session,
        module=module,
        ui=ui,
        secret_key=settings.secret_key,
        questions={question.id: question for question in questions},
        permissions=permissions_of(launch_session, module),
        section=section.id,
        instructor_label=ui.gettext("Instructor"),
    )


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

    Takes five SQL statements; one more with a filter, one more for a reply, and one more if
    ``before`` leads to the first page.
    """
    reader = make_reader(settings, launch_session, module, page.questions, ui)
    if reader is None:
        return None
    query = page_query(arguments)
    if not reader.permissions.read:
        return DiscussionView(composer=composer(reader), closed=True)
    saved = saved_drafts(connection, reader, query)
    discussion_id = service.find_discussion(connection, launch_session, module)
    if discussion_id is None:
        composer_view = composer(reader, question=query.question, posts=query.language, saved=saved)
        return _view(reader, query, composer_view, queries.PostCounts(), 0)
    counts = queries.count_posts(connection, discussion_id, launch_session.user_id)
    page_of_threads = queries.thread_page(
        connection, discussion_id, after=query.after, before=query.before, language=query.language
    )
    hidden = 0
    if query.language:
        hidden = queries.count_hidden(connection, discussion_id, query.language, counts)
    answered = answered_post(connection, reader, discussion_id, query.reply_to)
    composer_view = composer(
        reader, question=query.question, reply_to=answered, posts=query.language, saved=saved
    )
    view = _view(reader, query, composer_view, counts, hidden)
    shown_ids = {
        post.id for thread in page_of_threads.threads for post in (thread.first, *thread.replies)
    }
    view.threads = [_thread_view(reader, thread, shown_ids) for thread in page_of_threads.threads]
    if page_of_threads.newer is not None:
        view.newer_href = reader.module_url(
            reader.section, posts=query.language, before=page_of_threads.newer
        )
    if page_of_threads.older is not None:
        view.more_href = reader.module_url(
            reader.section, posts=query.language, after=page_of_threads.older
        )
    return view


def _view(
    reader: Reader,
    query: PageQuery,
    composer_view: ComposerView,
    counts: queries.PostCounts,
    hidden: int,
) -> DiscussionView:
    base = reader.launch_session.path
    poll = {"after": counts.latest, **({"posts": query.language} if query.language else {})}
    return DiscussionView(
        composer=composer_view,
        chips=chips(reader, counts, query.language),
        total=counts.total,
        hidden=hidden,
        answers=counts.answers,
        poll_href=f"{base}poll?{urlencode(poll)}",
        refresh_href=reader.module_url(reader.section, posts=query.language),
    )


def chips(reader: Reader, counts: queries.PostCounts, chosen: str | None) -> list[Chip]:
    """Return the filters: all posts, each language, the most frequent first, and unknown ones."""
    anchor = reader.section
    shown = dict(counts.by_language)
    if chosen is not None and chosen != languages.UNKNOWN:
        shown.setdefault(chosen, 0)
    unknown = Chip(
        languages.UNKNOWN,
        reader.ui.gettext("Unknown language"),
        counts.unknown,
        reader.module_url(anchor, posts=languages.UNKNOWN),
        chosen == languages.UNKNOWN,
    )
    all_posts = Chip(
        None, reader.ui.gettext("All"), counts.total, reader.module_url(anchor), not chosen
    )
    return [
        all_posts,
        *(
            Chip(tag, endonym(tag), count, reader.module_url(anchor, posts=tag), tag == chosen)
            for tag, count in sorted(shown.items(), key=lambda each: (-each[1], each[0]))
        ),
        *([unknown] if unknown.count or unknown.current else []),
    ]


def thread_view(
    connection: Connection, reader: Reader, discussion_id: int, thread_id: int, query: PageQuery
) -> ThreadView | None:
    """Return a page of one thread; None if there is no such thread."""
    page = queries.reply_page(
        connection, discussion_id, thread_id, after=query.after, before=query.before
    )
    if page is None:
        return None
    shown_ids = {thread_id, *(reply.id for reply in page.replies)}
    first = post_view(reader, page.first, shown_ids)
    first.replies = [post_view(reader, reply, shown_ids) for reply in page.replies]
    first.reply_total = page.first.reply_count
    base = f"{reader.launch_session.path}thread/{thread_id}"
    return ThreadView(
        thread=first,
        earlier_href=None if page.earlier is None else f"{base}?before={page.earlier}",
        later_href=None if page.later is None else f"{base}?after={page.later}",
    )


def post_path(
    connection: Connection, discussion_id: int, row: PostRow, section: str, posts: str | None
) -> str:
    """Return the page and anchor of a post, relative to the session's path.

    The language filter ``posts`` is dropped if it would hide the post.
    """
    if row.thread_id is None and row.status == "deleted" and not row.reply_count:
        return module_path(section, posts=posts)
    if posts is not None and (
        row.status == "deleted" or (row.language or languages.UNKNOWN) != posts
    ):
        posts = None
    location = queries.locate(connection, discussion_id, row, posts)
    if location.thread_id is None:
        return module_path(f"p{row.id}", posts=posts, after=location.after)
    after = f"?after={location.after}" if location.after is not None else ""
    return f"thread/{location.thread_id}{after}#p{row.id}"


def _thread_view(reader: Reader, thread: queries.Thread, shown_ids: set[int]) -> PostView:
    first = post_view(reader, thread.first, shown_ids)
    first.replies = [post_view(reader, reply, shown_ids) for reply in thread.replies]
    first.reply_total = thread.first.reply_count
    if thread.more:
        first.more_replies_href = f"{reader.launch_session.path}thread/{first.id}"
    return first


def post_view(reader: Reader, row: PostRow, shown_ids: set[int]) -> PostView:
    """Return the view of one post; ``shown_ids`` are the posts on the same page."""
    launch_session = reader.launch_session
    deleted = row.status == "deleted"
    mine = row.author_id is not None and row.author_id == launch_session.user_id and not deleted
    may_reply = reader.permissions.post and not deleted
    question = reader.questions.get(row.question_id) if row.question_id and not deleted else None
    staff = row.author_role == "instructor"
    name = (
        ""
        if deleted
        else names.display_name(reader.ui, row.author_name, row.author_code, row.author_role)
    )
    return PostView(
        id=row.id,
        anchor=f"p{row.id}",
        author=name,
        author_title=None if deleted else names.long_name(row.author_name),
        initials="" if deleted else names.initials(row.author_name, row.author_code),
        tone=names.tone(row.author_code or row.author_name or ""),
        is_staff=staff,
        role_label=reader.instructor_label if staff and row.author_name else None,
        created=row.created_at,
        edited=row.edited_at,
        lang=row.language or "",
        dir=direction(row.language) if row.language else "auto",
        lang_name=endonym(row.language) if row.language else "",
        html=Markup(row.html),  # noqa: S704 - sanitized by courseware.markdown
        deleted=deleted,
        mine=mine,
        question_number=question.number if question else None,
        question_href=f"{ANY_SESSION}#q-{question.id}" if question else None,
        in_reply_to=_in_reply_to(reader, row, shown_ids),
        reply_href=f"{ANY_SESSION}compose?reply_to={row.id}" if may_reply else None,
        edit_href=f"{ANY_SESSION}post/{row.id}/edit" if mine and may_reply else None,
        delete_href=f"{ANY_SESSION}post/{row.id}/delete"
        if mine and reader.launch_session.own_record
        else None,
        link_href=f"{ANY_SESSION}post/{row.id}",
        depth=0 if row.thread_id is None else 1,
        status=row.status,
    )


def _in_reply_to(reader: Reader, row: PostRow, shown_ids: set[int]) -> tuple[str, str] | None:
    """Return name and URL of the answered post, if it is not the first post of the thread."""
    if row.reply_to_id is None or row.reply_to_id == row.thread_id or row.answered_role is None:
        return None
    if row.answered_status == "deleted":
        name = reader.ui.gettext("a deleted post")
    else:
        name = names.display_name(
            reader.ui, row.answered_name, row.answered_code, row.answered_role
        )
    if row.reply_to_id in shown_ids:
        return name, f"#p{row.reply_to_id}"
    return name, f"{ANY_SESSION}post/{row.reply_to_id}"


def answered_post(
    connection: Connection, reader: Reader, discussion_id: int | None, post_id: int | None
) -> PostView | None:
    """Return the post that the composer replies to, if it is published."""
    if post_id is None or discussion_id is None:
        return None
    row = queries.find_post(connection, discussion_id, post_id)
    return post_view(reader, row, {post_id}) if row and row.status == "published" else None


def saved_drafts(connection: Connection, reader: Reader, query: PageQuery) -> drafts.Drafts:
    """Return the user's drafts in this module; ``here`` is that of the form which is asked for."""
    if not reader.permissions.post:
        return drafts.Drafts()
    question = query.question if query.question in reader.questions else None
    place = drafts.Place(question, query.reply_to)
    return drafts.find(connection, reader.launch_session, reader.module.id, place)


def composer(
    reader: Reader,
    *,
    question: str | None = None,
    reply_to: PostView | None = None,
    posts: str | None = None,
    text: str = "",
    language: str | None = None,
    draft_key: str | None = None,
    error: str | None = None,
    saved: drafts.Drafts | None = None,
) -> ComposerView:
    """Return the composer, or the reason for not showing it. ``posts``: filter to return to.

    A submitted ``text`` is shown before the ``saved`` one.
    """
    launch_session, ui = reader.launch_session, reader.ui
    why_not = None
    if not reader.permissions.read:
        why_not = message_for(ui, DiscussionError(Reason.CLOSED))
    elif not reader.permissions.post:
        why_not = message_for(ui, DiscussionError(reader.permissions.read_only))
    saved = saved or drafts.Drafts()
    here = None if text else saved.here
    if here is not None:
        text, language, draft_key = here.text, here.language, here.draft_key
    # An instructor may select another module while the page is open.
    arguments = {"module": reader.module.id} | ({"posts": posts} if posts else {})
    return ComposerView(
        action=f"{launch_session.path}post?{urlencode(arguments)}",
        draft_action=f"{launch_session.path}draft?{urlencode(arguments)}",
        token=launch_session.token,
        draft_key=draft_key or new_draft_key(),
        draft_scope=(
            f"{launch_session.resource_link_id} {reader.module.id} "
            f"{launch_session.user_id or launch_session.id}"
        ),
        text=text,
        language=language,
        languages=languages.choices(
            languages.offered_languages(reader.module), languages.as_tag(language)
        ),
        question=reader.questions.get(question) if question and reply_to is None else None,
        reply_to=reply_to,
        error=error,
        cancel_href=reader.module_url(reader.section),
        author_name=_own_name(reader),
        audience=ui.gettext("Everyone in this activity sees your posts under this name."),
        can_post=why_not is None,
        why_not=why_not,
        saved_at=here.updated_at if here else None,
        other_drafts=_other_drafts(reader, saved.others),
    )


def _other_drafts(reader: Reader, places: Sequence[drafts.Place]) -> list[tuple[str, str]]:
    """Return label and URL of the forms that have drafts; the URL shows the text again."""
    base, gettext = reader.launch_session.path, reader.ui.gettext
    shown = []
    for place in places:
        if place.edited_id is not None:
            shown.append((gettext("Edit your post"), f"{base}post/{place.edited_id}/edit"))
        elif place.reply_to_id is not None:
            href = f"{base}compose?{urlencode({'reply_to': place.reply_to_id})}"
            shown.append((gettext("Your reply"), href))
        elif place.question_id and place.question_id in reader.questions:
            number = reader.questions[place.question_id].number
            label = gettext("Your answer to question %(number)s", number=number)
            href = f"{base}compose?{urlencode({'question': place.question_id})}"
            shown.append((label, href))
        elif not place.question_id:
            shown.append((gettext("Take part"), f"{base}#composer"))
    return shown


def new_draft_key() -> str:
    """Return a new idempotency key for a form."""
    return secrets.token_urlsafe(18)


def _own_name(reader: Reader) -> str:
    launch_session = reader.launch_session
    code = None
    if launch_session.user_id is not None and not launch_session.user_name:
        code = names.pseudonym_code(reader.secret_key, launch_session.user_id)
    return names.display_name(
        reader.ui, launch_session.user_name, code, service.author_role(launch_session)
    )
