"""Build the view of a post for one reader."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from urllib.parse import quote

from sqlalchemy import Connection

from lti_tool.attachments import service as attachments
from lti_tool.attachments.service import StoredFile
from lti_tool.discussion import names, reactions
from lti_tool.discussion.permalinks import PostReference, lasting_path
from lti_tool.discussion.permissions import (
    may_edit,
    may_moderate,
    may_read_group,
    may_report,
    may_see,
    may_write_in_group,
)
from lti_tool.discussion.queries import ReplyPage, Thread
from lti_tool.discussion.reactions import Reaction
from lti_tool.discussion.reader import Reader
from lti_tool.discussion.selects import HitRow, PostRow
from lti_tool.discussion.view_models import FileView, MovingView, PostView, ThreadView
from lti_tool.web.templates import ANY_SESSION


@dataclass(frozen=True, slots=True)
class Extras:
    """What belongs to posts and is stored beside them, by post id."""

    files: Mapping[int, Sequence[StoredFile]] = field(default_factory=dict)
    reactions: Mapping[int, tuple[Reaction, ...]] = field(default_factory=dict)


NO_EXTRAS = Extras()


def extras_of(connection: Connection, reader: Reader, rows: Iterable[PostRow]) -> Extras:
    """Return the files of posts, and the reactions to them.

    Takes two statements; none if the posts have neither.
    """
    ids = [row.id for row in rows if row.has_extras]
    if not ids:
        return NO_EXTRAS
    return Extras(
        attachments.of_posts(connection, ids),
        reactions.of_posts(connection, ids, reader.launch_session.user_id),
    )


def author_name(reader: Reader, row: PostRow | HitRow) -> str:
    """Return the name under which the author of a post is shown to everybody."""
    return names.display_name(reader.ui, row.author_name, row.author_code, row.author_role)


def post_view(
    reader: Reader,
    row: PostRow,
    shown_ids: Set[int],
    *,
    read_up_to: int | None = None,
    extras: Extras = NO_EXTRAS,
    locked: bool = False,
) -> PostView:
    """Return the view of one post. ``shown_ids`` are the posts on the same page.

    ``read_up_to``: later posts of others are unread, except those up to the mark of their thread;
    None marks none. ``locked``: nobody but instructors replies in the thread.
    """
    permissions = reader.permissions
    own = row.author_id is not None and row.author_id == reader.launch_session.user_id
    visible = may_see(permissions, row.status, mine=own, institution_id=row.institution_id)
    mine = own and row.status != "deleted"
    published = row.status == "published"
    may_reply = (
        permissions.post
        and permissions.others
        and published
        and (permissions.moderate or not (locked or row.locked_at))
        and may_write_in_group(permissions, row.group_id)
    )
    question = reader.questions.get(row.question_id) if row.question_id and visible else None
    files = extras.files.get(row.id)
    return PostView(
        row=row,
        ui=reader.ui,
        visible=visible,
        link_href=_link(reader, row),
        own=own,
        unread=published
        and not mine
        and read_up_to is not None
        and row.sequence > max(read_up_to, row.thread_read),
        may_reply=may_reply,
        may_react=may_reply and not mine,
        may_edit=mine and may_edit(permissions, reader.state.settings, row.created_at),
        may_delete=mine and reader.launch_session.own_record,
        may_see_history=visible
        and row.edited_at is not None
        and may_moderate(permissions, row.institution_id),
        may_moderate=visible and permissions.moderate,
        may_report=published and not mine and may_report(permissions, reader.state.settings),
        question=(question.number, f"{ANY_SESSION}#q-{question.id}") if question else None,
        answered_href=_answered_href(row, shown_ids),
        author_href=_author_href(reader, row) if visible else None,
        institution=reader.viewpoint.label(row.institution_id)
        if reader.viewpoint and visible
        else None,
        group_name=_group_name(reader, row) if row.thread_id is None else None,
        files=tuple(map(file_view, files)) if files and visible else (),
        reactions=extras.reactions.get(row.id, ()) if published and visible else (),
        pending=reader.pending.get(row.id) if mine else None,
        moving=_moving(reader, row) if reader.moving else None,
    )


def file_view(file: StoredFile) -> FileView:
    """Return the view of a file of a post or of a draft."""
    return FileView(
        id=file.id,
        href=f"{ANY_SESSION}file/{file.id}/{quote(file.download_name)}",
        name=file.name,
        extension=file.type.extension.upper(),
        size=file.size,
        alt=file.alt,
        width=file.width,
        height=file.height,
    )


def thread_with_replies(
    reader: Reader,
    thread: Thread,
    shown_ids: Set[int],
    read_up_to: int | None = None,
    extras: Extras = NO_EXTRAS,
) -> PostView:
    """Return the view of a thread in a list."""
    locked = thread.first.locked_at is not None
    first = post_view(reader, thread.first, shown_ids, read_up_to=read_up_to, extras=extras)
    first.replies = [
        post_view(reader, reply, shown_ids, read_up_to=read_up_to, extras=extras, locked=locked)
        for reply in thread.replies
    ]
    first.reply_total = thread.first.reply_count
    if thread.more:
        first.more_replies_href = f"{ANY_SESSION}thread/{first.id}"
    return first


def thread_page_view(
    reader: Reader, page: ReplyPage, read_up_to: int | None = None, extras: Extras = NO_EXTRAS
) -> ThreadView:
    """Return the view of a page of one thread."""
    thread_id, locked = page.first.id, page.first.locked_at is not None
    shown_ids = {thread_id, *(reply.id for reply in page.replies)}
    first = post_view(reader, page.first, shown_ids, read_up_to=read_up_to, extras=extras)
    first.replies = [
        post_view(reader, reply, shown_ids, read_up_to=read_up_to, extras=extras, locked=locked)
        for reply in page.replies
    ]
    first.reply_total = page.first.reply_count
    base = f"{reader.launch_session.path}thread/{thread_id}"
    return ThreadView(
        thread=first,
        earlier_href=None if page.earlier is None else f"{base}?before={page.earlier}",
        later_href=None if page.later is None else f"{base}?after={page.later}",
    )


def _author_href(reader: Reader, row: PostRow) -> str | None:
    """Return the list of the author's threads, if that connects no pseudonyms."""
    foreign = reader.viewpoint is not None and reader.viewpoint.is_foreign(row.institution_id)
    if row.author_id is None or row.anonymous or foreign:
        return None
    return f"{ANY_SESSION}?by={row.author_id}#{reader.section}"


def _group_name(reader: Reader, row: PostRow) -> str | None:
    if row.group_id and row.group_id == reader.permissions.own_course:
        return reader.ui.gettext("Only this course")
    return reader.group_names.get(row.group_id)


def _moving(reader: Reader, row: PostRow) -> MovingView | None:
    moving = reader.moving.get(row.id)
    if moving is None:
        return None
    readable = may_read_group(reader.permissions, moving.other_group)
    return MovingView(moving.away, f"{ANY_SESSION}thread/{moving.other_id}" if readable else None)


def _link(reader: Reader, row: PostRow) -> str:
    """Return the lasting URL of a post, which can be copied.

    A browser that keeps no cookies would leave the session by it, and gets the session's own URL.
    """
    if reader.launch_session.cookieless:
        return f"{ANY_SESSION}post/{row.id}"
    return lasting_path(reader.secret_key, PostReference(row.discussion_id, row.id))


def _answered_href(row: PostRow, shown_ids: Set[int]) -> str | None:
    """Return the URL of the answered post, if it is not the first post of the thread."""
    if row.reply_to_id is None or row.reply_to_id == row.thread_id or row.answered_role is None:
        return None
    if row.reply_to_id in shown_ids:
        return f"#p{row.reply_to_id}"
    return f"{ANY_SESSION}post/{row.reply_to_id}"
