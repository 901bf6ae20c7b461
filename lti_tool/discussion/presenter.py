"""The discussion as the templates show it to one reader: on the module's page, or a thread alone.

A filter (``posts``, a language), a place (``after``, ``before``) and what one is about to answer
(``question``, ``reply_to``) stand in the address, so every view can be kept, shared and gone back
to.
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
from lti_tool.discussion import languages, names, queries, service
from lti_tool.discussion.errors import Reason, Refused
from lti_tool.discussion.messages import message_for
from lti_tool.discussion.rights import Rights, rights
from lti_tool.discussion.selects import Row
from lti_tool.discussion.view_models import Chip, ComposerView, DiscussionView, PostView, ThreadView
from lti_tool.sessions.current import CurrentSession
from lti_tool.settings import Settings
from lti_tool.web.templates import ANY_SESSION

_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for. Nonsense is left out."""

    language: str | None = None
    after: int | None = None
    before: int | None = None
    question: str | None = None
    reply_to: int | None = None


def asked(values: Mapping[str, str], module: Module) -> Asked:
    """Read the arguments of an address, or the fields of a form."""
    language = values.get("posts")
    return Asked(
        language=language if language in languages.offered(module) else None,
        after=number(values.get("after")),
        before=number(values.get("before")),
        question=values.get("question") or None,
        reply_to=number(values.get("reply_to")),
    )


def number(value: str | None) -> int | None:
    """The number of a post, from what somebody sent; None if it cannot be one."""
    if value and len(value) <= _MOST_DIGITS and value.isascii() and value.isdecimal():
        return int(value)
    return None


@dataclass(slots=True)
class Reader:
    """Who reads, in which discussion, and the words and addresses that follow from it."""

    launch_session: CurrentSession
    module: Module
    ui: Interface
    secret_key: str
    questions: Mapping[str, PageItem]
    allowed: Rights
    section: str
    instructor_word: str

    def main_href(self, anchor: str, **arguments: object) -> str:
        """The module's page, at an anchor."""
        return f"{self.launch_session.path}{main_path(anchor, **arguments)}"


def main_path(anchor: str, **arguments: object) -> str:
    """The module's page as a path inside the visit; arguments that are None are left out."""
    given = {name: value for name, value in arguments.items() if value is not None}
    return f"{'?' if given else ''}{urlencode(given)}#{anchor}"


def reader(
    settings: Settings,
    launch_session: CurrentSession,
    module: Module,
    questions: Sequence[PageItem],
    ui: Interface,
) -> Reader | None:
    """The reader of a module's discussion; None if the module has no discussion."""
    section = module.discussion_section
    if section is None or launch_session.resource_link_id is None:
        return None
    return Reader(
        launch_session=launch_session,
        module=module,
        ui=ui,
        secret_key=settings.secret_key,
        questions={question.id: question for question in questions},
        allowed=rights(launch_session, module),
        section=section.id,
        instructor_word=ui.gettext("Instructor"),
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
    """The discussion for the module's page; None if the module has none.

    Four SQL statements, one more with a filter, one more when a reply is begun, and one more on a
    way back that ends at the first page.
    """
    who = reader(settings, launch_session, module, page.questions, ui)
    if who is None:
        return None
    wish = asked(arguments, module)
    if not who.allowed.read:
        return DiscussionView(composer=composer(who), closed=True)
    found = service.find(connection, launch_session, module)
    if found is None:
        writing = composer(who, question=wish.question, posts=wish.language)
        return _view(who, wish, writing, queries.Counts(), 0)
    counts = queries.counts(connection, found, launch_session.user_id)
    threads = queries.page(
        connection, found, after=wish.after, before=wish.before, language=wish.language
    )
    hidden = queries.hidden(connection, found, wish.language, counts) if wish.language else 0
    answered = answered_post(connection, who, found, wish.reply_to)
    writing = composer(who, question=wish.question, reply_to=answered, posts=wish.language)
    view = _view(who, wish, writing, counts, hidden)
    here = {post.id for thread in threads.threads for post in (thread.first, *thread.replies)}
    view.threads = [_thread_view(who, thread, here) for thread in threads.threads]
    if threads.newer is not None:
        view.newer_href = who.main_href(who.section, posts=wish.language, before=threads.newer)
    if threads.older is not None:
        view.more_href = who.main_href(who.section, posts=wish.language, after=threads.older)
    return view


def _view(
    who: Reader, wish: Asked, writing: ComposerView, counts: queries.Counts, hidden: int
) -> DiscussionView:
    base = who.launch_session.path
    poll = {"after": counts.latest, **({"posts": wish.language} if wish.language else {})}
    return DiscussionView(
        composer=writing,
        chips=_chips(who, counts, wish.language),
        total=counts.total,
        hidden=hidden,
        answers=counts.answers,
        poll_href=f"{base}poll?{urlencode(poll)}",
        refresh_href=who.main_href(who.section, posts=wish.language),
    )


def _chips(who: Reader, counts: queries.Counts, chosen: str | None) -> list[Chip]:
    """All posts, then each language, the most written first."""
    here = who.section
    shown = dict(counts.by_language)
    if chosen is not None:
        shown.setdefault(chosen, 0)
    everything = Chip(None, who.ui.gettext("All"), counts.total, who.main_href(here), not chosen)
    return [
        everything,
        *(
            Chip(tag, endonym(tag), count, who.main_href(here, posts=tag), tag == chosen)
            for tag, count in sorted(shown.items(), key=lambda each: (-each[1], each[0]))
        ),
    ]


def thread_view(
    connection: Connection, who: Reader, discussion_id: int, thread_id: int, wish: Asked
) -> ThreadView | None:
    """A thread by itself, page by page; None if there is no such thread."""
    found = queries.thread(
        connection, discussion_id, thread_id, after=wish.after, before=wish.before
    )
    if found is None:
        return None
    here = {thread_id, *(reply.id for reply in found.replies)}
    first = post_view(who, found.first, here)
    first.replies = [post_view(who, reply, here) for reply in found.replies]
    first.reply_total = found.first.reply_count
    base = f"{who.launch_session.path}thread/{thread_id}"
    return ThreadView(
        thread=first,
        earlier_href=None if found.earlier is None else f"{base}?before={found.earlier}",
        later_href=None if found.later is None else f"{base}?after={found.later}",
    )


def path_to(
    connection: Connection, discussion_id: int, row: Row, section: str, posts: str | None
) -> str:
    """The page on which a post stands, at the post, as a path inside the visit.

    The filter ``posts`` is kept where it shows the post.
    """
    if row.thread_id is None and row.status == "deleted" and not row.reply_count:
        return main_path(section, posts=posts)
    if posts is not None and (row.status == "deleted" or row.language not in (None, posts)):
        posts = None
    place = queries.place(connection, discussion_id, row, posts)
    if place.thread_id is None:
        return main_path(f"p{row.id}", posts=posts, after=place.after)
    after = f"?after={place.after}" if place.after is not None else ""
    return f"thread/{place.thread_id}{after}#p{row.id}"


def _thread_view(who: Reader, thread: queries.Thread, here: set[int]) -> PostView:
    first = post_view(who, thread.first, here)
    first.replies = [post_view(who, reply, here) for reply in thread.replies]
    first.reply_total = thread.first.reply_count
    if thread.more:
        first.more_replies_href = f"{who.launch_session.path}thread/{first.id}"
    return first


def post_view(who: Reader, row: Row, here: set[int]) -> PostView:
    """One post; ``here`` are the numbers of the posts on the same page."""
    launch_session = who.launch_session
    deleted = row.status == "deleted"
    mine = row.author_id is not None and row.author_id == launch_session.user_id and not deleted
    may_write = who.allowed.post and not deleted
    question = who.questions.get(row.question_id) if row.question_id and not deleted else None
    staff = row.author_role == "instructor"
    name = "" if deleted else names.shown(who.ui, row.author_name, row.author_code, row.author_role)
    return PostView(
        id=row.id,
        anchor=f"p{row.id}",
        author=name,
        initials="" if deleted else names.initials(row.author_name, row.author_code),
        tone=names.tone(row.author_code or row.author_name or ""),
        is_staff=staff,
        role_label=who.instructor_word if staff and row.author_name else None,
        created=row.created_at,
        edited=row.edited_at,
        lang=row.language or "",
        dir=direction(row.language) if row.language else "auto",
        lang_name=endonym(row.language) if row.language else "",
        html=Markup(row.html),  # noqa: S704 - made and cleaned by courseware.markdown
        deleted=deleted,
        mine=mine,
        question_number=question.number if question else None,
        question_href=f"{ANY_SESSION}#q-{question.id}" if question else None,
        in_reply_to=_in_reply_to(who, row, here),
        reply_href=f"{ANY_SESSION}compose?reply_to={row.id}" if may_write else None,
        edit_href=f"{ANY_SESSION}post/{row.id}/edit" if mine and may_write else None,
        delete_href=f"{ANY_SESSION}post/{row.id}/delete" if mine else None,
        link_href=f"{ANY_SESSION}post/{row.id}",
        depth=0 if row.thread_id is None else 1,
        status=row.status,
    )


def _in_reply_to(who: Reader, row: Row, here: set[int]) -> tuple[str, str] | None:
    """Whom a reply answers, where that is another reply and not the first post of its thread."""
    if row.reply_to_id is None or row.reply_to_id == row.thread_id or row.answered_role is None:
        return None
    if row.answered_status == "deleted":
        name = who.ui.gettext("a deleted post")
    else:
        name = names.shown(who.ui, row.answered_name, row.answered_code, row.answered_role)
    if row.reply_to_id in here:
        return name, f"#p{row.reply_to_id}"
    return name, f"{ANY_SESSION}post/{row.reply_to_id}"


def answered_post(
    connection: Connection, who: Reader, discussion_id: int | None, post_id: int | None
) -> PostView | None:
    """The post that somebody is about to answer, if it can be answered."""
    if post_id is None or discussion_id is None:
        return None
    row = queries.one(connection, discussion_id, post_id)
    return post_view(who, row, {post_id}) if row and row.status == "published" else None


def composer(
    who: Reader,
    *,
    question: str | None = None,
    reply_to: PostView | None = None,
    posts: str | None = None,
    text: str = "",
    language: str | None = None,
    draft_key: str | None = None,
    error: str | None = None,
) -> ComposerView:
    """Where this reader writes, or why they cannot. ``posts`` is the filter to come back to."""
    launch_session, ui = who.launch_session, who.ui
    why_not = None
    if not who.allowed.read:
        why_not = message_for(ui, Refused(Reason.CLOSED))
    elif not who.allowed.post:
        why_not = message_for(ui, Refused(Reason.READ_ONLY))
    # The page may stand open while an instructor puts another module here.
    url = {"module": who.module.id} | ({"posts": posts} if posts else {})
    return ComposerView(
        action=f"{launch_session.path}post?{urlencode(url)}",
        token=launch_session.token,
        draft_key=draft_key or new_draft_key(),
        draft_scope=(
            f"{launch_session.resource_link_id} {who.module.id} "
            f"{launch_session.user_id or launch_session.id}"
        ),
        text=text,
        language=language,
        languages=languages.named(languages.offered(who.module)),
        question=who.questions.get(question) if question and reply_to is None else None,
        reply_to=reply_to,
        error=error,
        cancel_href=who.main_href(who.section),
        author_name=_own_name(who),
        audience=ui.gettext("Everyone in this activity sees your posts under this name."),
        can_post=why_not is None,
        why_not=why_not,
    )


def new_draft_key() -> str:
    """What tells one form from another, wherever it was made."""
    return secrets.token_urlsafe(18)


def _own_name(who: Reader) -> str:
    launch_session = who.launch_session
    code = None
    if launch_session.user_id is not None and not launch_session.user_name:
        code = names.code_of(who.secret_key, launch_session.user_id)
    return names.shown(who.ui, launch_session.user_name, code, service.role_of(launch_session))
