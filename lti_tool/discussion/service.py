"""Write to a discussion: post, reply, edit, delete. Each function is one transaction.

Posts of one user are serialized by a lock on the user's row, so that a form sent twice makes one
post and the limit for each minute is exact. Changes of one discussion are serialized by a lock on
its row, so that sequence numbers grow in the order in which posts become visible, and polling for
later ones misses none. Texts are checked and rendered before the transaction, because it blocks
other writers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courseware.markdown import RENDERER
from courseware.module import Module
from lti_tool.attachments import service as attachments
from lti_tool.directory.exchange_model import InstitutionRow
from lti_tool.discussion import (
    authors,
    checks,
    discussions,
    drafts,
    events,
    exchange_mentions,
    languages,
    mentions,
    names,
    post_texts,
    writer,
)
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.facets import PERSONAL, PUBLISHED
from lti_tool.discussion.model import (
    AnyDiscussion,
    Discussion,
    DiscussionCount,
    LockedDiscussion,
    PendingEdit,
    Post,
)
from lti_tool.discussion.permissions import (
    EVERYBODY,
    Permissions,
    may_edit,
    must_post,
    must_see_others,
)
from lti_tool.discussion.settings import DiscussionSettings
from lti_tool.roster.groups import groups_of
from lti_tool.sessions.current import CurrentSession
from lti_tool.settings import Settings
from lti_tool.storage.database import Database, now

_MAX_KEY_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Draft:
    """A submitted form. ``draft_key`` is the form's idempotency key, different for each form.

    ``mentioned``: user ids that the author chose from the list of names. ``descriptions``: text
    alternatives by id of an attached picture.
    ``group_id``: for whom a thread is begun. ``announcement``: a pinned first post of an
    instructor, for the own course; ``closed``: without replies. ``shared_id``: the shared
    discussion that the author was told of (``DiscussionState.shared_id``).
    """

    text: str
    draft_key: str
    language: str | None = None
    question_id: str | None = None
    reply_to_id: int | None = None
    mentioned: tuple[int, ...] = ()
    descriptions: Mapping[int, str] = field(default_factory=dict)
    group_id: int | None = None
    announcement: bool = False
    closed: bool = False
    shared_id: int = 0


@dataclass(frozen=True, slots=True)
class PostResult:
    """The post made from a draft, and whether files were sent with it.

    ``repeated``: an earlier request had made it already.
    """

    post: Post
    repeated: bool
    has_files: bool = False


def create_post(
    database: Database,
    settings: Settings,
    launch_session: CurrentSession,
    permissions: Permissions,
    module: Module,
    draft: Draft,
) -> PostResult:
    """Publish a draft once: a repeated ``draft_key`` of the same user returns the first post.

    The post is held if the discussion's settings demand an approval. Raises
    :class:`DiscussionError`; with ``Reason.FORM_USED`` if the first post had another text, so that
    the new text is not lost silently; with ``Reason.OTHER_AUDIENCE`` if others would read the post
    than those whom the form named.
    """
    must_post(permissions)
    if draft.reply_to_id is not None:
        must_see_others(permissions)
    source = checks.checked_text(draft.text)
    offered = languages.offered_languages(module)
    chosen = checks.checked_language(draft.language)
    checks.check_question(module, draft.question_id)
    named = exchange_mentions.find_in_text(
        database, launch_session, permissions, module, source, draft.mentioned
    )
    html = mentions.highlight(checks.rendered(source), [each.name for each in named])
    language = chosen or languages.detect_by_script(source, offered)
    with database.write() as session:
        author = authors.locked_author(session, launch_session)
        key = draft.draft_key[:_MAX_KEY_LENGTH]
        earlier = authors.earlier_posts(session, author.id, key, settings.posts_per_minute)
        if earlier.first_id is not None:
            first = _made_before(session, launch_session, module, earlier.first_id)
            if post_texts.original_source(session, first) != source:
                raise DiscussionError(Reason.FORM_USED)
            return PostResult(first, repeated=True)
        checks.check_time(earlier.limit_at)
        assert launch_session.resource_link_id is not None  # no permission to post without one
        discussion = discussions.lock_for_post(session, launch_session.resource_link_id, module.id)
        shared = discussion.is_shared
        if draft.shared_id != (discussion.id if shared else 0):
            raise DiscussionError(Reason.OTHER_AUDIENCE)
        own = discussions.settings_for(session, discussion, launch_session, module)
        answered = (
            checks.replied_to(session, permissions, discussion, draft.reply_to_id)
            if draft.reply_to_id is not None
            else None
        )
        anonymous = own.anonymous and not permissions.moderate
        announcement = draft.announcement and permissions.moderate
        if answered:
            group = answered.first.group_id
        else:
            group = _group_of_thread(session, launch_session, permissions, draft.group_id)
            if announcement and shared and group == EVERYBODY:
                group = permissions.own_course
        if announcement:
            checks.check_pinned(session, discussion, group if shared else None)
        institution, shown_as = _outside(session, launch_session, discussion)
        new = Post(
            discussion_id=discussion.id,
            thread_id=answered.first.id if answered else None,
            reply_to_id=answered.post.id if answered else None,
            group_id=group,
            question_id=None if answered else draft.question_id,
            author_id=author.id,
            author_name=None if anonymous else author.name,
            author_code=names.author_code(
                settings.secret_key, author, discussion.id, anonymous, in_exchange=bool(shown_as)
            ),
            institution_id=institution,
            shown_as=shown_as,
            author_role=authors.author_role(launch_session),
            anonymous=anonymous,
            status="held"
            if _needs_approval(session, discussion, own, permissions, author.id)
            else PUBLISHED,
            sequence=0,
            reply_count=0,
            revision=0,
            mark="announcement" if announcement else None,
            pinned_at=now() if announcement else None,
            locked_at=now() if announcement and draft.closed else None,
            language=language,
            language_source=post_texts.language_source(chosen, language),
            draft_key=key,
            created_at=now(),
            renderer=RENDERER,
            source=source,
            html=html,
        )
        writer.add(session, discussion, new)
        mentions.store(session, new, named)
        if earlier.has_files:
            attachments.describe(session, author.id, key, draft.descriptions)
            attachments.publish(session, author.id, key, new.id)
        _discard_draft(
            session,
            launch_session,
            module,
            author.id,
            drafts.Place(draft.question_id, draft.reply_to_id),
            draft.draft_key,
        )
        post_texts.queue_detection(session, new, offered)
        if announcement:
            events.publish(session, events.Event("announced", new.id))
        return PostResult(new, repeated=False, has_files=earlier.has_files)


def own_post(
    session: Session,
    launch_session: CurrentSession,
    module: Module,
    post_id: int,
    *,
    lock: bool = False,
) -> tuple[Post, Discussion]:
    """Return the user's own post and its discussion. Raises :class:`DiscussionError`.

    ``lock``: lock the discussion, as each change of a post needs it.
    """
    link = launch_session.resource_link_id
    discussion = discussions.find_row(session, link, module.id, lock=lock)
    found = session.get(Post, post_id)
    if discussion is None or found is None or found.discussion_id != discussion.id:
        raise DiscussionError(Reason.UNKNOWN_POST)
    if found.author_id is None or found.author_id != launch_session.user_id:
        raise DiscussionError(Reason.NOT_YOURS)
    return found, discussion


def edit_post(
    database: Database,
    settings: Settings,
    launch_session: CurrentSession,
    permissions: Permissions,
    module: Module,
    post_id: int,
    *,
    new_text: str,
    language: str | None,
    revision: int | None = None,
    mentioned: tuple[int, ...] = (),
    descriptions: Mapping[int, str] | None = None,
    removed_files: tuple[int, ...] = (),
) -> Post:
    """Edit the user's own post and store its earlier version. Raises :class:`DiscussionError`.

    The files of the draft ``edit_key`` are added to the post.

    ``revision`` is that of the post when the edit began: with ``Reason.EDITED_ELSEWHERE``, another
    edit was stored meanwhile. None accepts any. Where a published post needs an approval, the edit
    waits for one, and the post stays as it is (``PendingEdit``). A rejected post waits again.
    """
    must_post(permissions)
    source = checks.checked_text(new_text)
    offered = languages.offered_languages(module)
    chosen = checks.checked_language(language)
    named = exchange_mentions.find_in_text(
        database, launch_session, permissions, module, source, mentioned
    )
    html = mentions.highlight(checks.rendered(source), [each.name for each in named])
    new_language = chosen or languages.detect_by_script(source, offered)
    new_source = post_texts.language_source(chosen, new_language)
    new = post_texts.NewText(source, html, new_language, new_source, tuple(named))
    with database.write() as session:
        changed, discussion = own_post(session, launch_session, module, post_id, lock=True)
        if changed.status == "deleted":
            raise DiscussionError(Reason.DELETED_POST)
        own = discussions.settings_for(session, discussion, launch_session, module)
        if not may_edit(permissions, own, changed.created_at):
            raise DiscussionError(Reason.EDIT_TIME_OVER)
        place = drafts.Place(edited_id=changed.id)
        _discard_draft(session, launch_session, module, changed.author_id, place)
        previous_choice = changed.language if changed.language_source == "author" else None
        same_text = source == changed.source and chosen == previous_choice
        if not same_text and revision is not None and revision != changed.revision:
            raise DiscussionError(Reason.EDITED_ELSEWHERE)
        if _change_files(session, changed, descriptions or {}, removed_files):
            gated = changed.status == PUBLISHED and _needs_approval(
                session, discussion, own, permissions, changed.author_id, edited=1
            )
            gate = {"status": "held"} if gated else {}
            writer.change(session, discussion, changed, edited_at=now(), **gate)
        if same_text:
            writer.drop_pending_edit(session, discussion, changed.id)
            return changed
        checks.check_edit_rate(session, changed, settings.posts_per_minute)
        published = changed.status == PUBLISHED
        if (
            published
            and source != changed.source
            and _needs_approval(session, discussion, own, permissions, changed.author_id, edited=1)
        ):
            edit = PendingEdit(
                post_id=changed.id,
                discussion_id=discussion.id,
                author_id=changed.author_id,
                source=source,
                language=new.language,
                language_source=new.language_source,
                created_at=now(),
            )
            writer.add_pending_edit(session, discussion, edit)
            return changed
        writer.drop_pending_edit(session, discussion, changed.id)
        resubmitted = {"status": "held", "hidden_reason": None}
        post_texts.replace_text(
            session,
            discussion,
            changed,
            new,
            offered,
            **(resubmitted if changed.status == "rejected" else {}),
        )
        return changed


def edit_key(post_id: int) -> str:
    """Return the ``draft_key`` of the files that are added while a post is edited."""
    return f"edit {post_id}"


def _change_files(
    session: Session, post: Post, descriptions: Mapping[int, str], removed: tuple[int, ...]
) -> bool:
    """Add and remove files of an edited post; return whether any was added or removed."""
    assert post.author_id is not None
    key = edit_key(post.id)
    attachments.describe(session, post.author_id, key, descriptions)
    gone = attachments.change_of_post(session, post.id, descriptions, removed)
    added = attachments.publish(session, post.author_id, key, post.id)
    return gone or added > 0


def delete_post(
    database: Database, launch_session: CurrentSession, module: Module, post_id: int
) -> Post:
    """Delete the user's own post: remove its texts, keep its position and the replies.

    Authors may always do so, even after the permission to post was withdrawn.
    """
    with database.write() as session:
        deleted, discussion = own_post(session, launch_session, module, post_id, lock=True)
        if deleted.status == "deleted":
            return deleted
        post_texts.erase_texts(session, discussion, deleted)
        place = drafts.Place(edited_id=deleted.id)
        _discard_draft(session, launch_session, module, deleted.author_id, place)
        return deleted


def _outside(
    session: Session, launch_session: CurrentSession, discussion: LockedDiscussion
) -> tuple[int | None, str | None]:
    """Return the author's institution, and how the author appears to others; None if unneeded."""
    if not discussion.is_shared:
        return None, None
    assert launch_session.institution_id is not None  # it takes part in a shared discussion
    institution = session.get_one(InstitutionRow, launch_session.institution_id)
    return institution.id, institution.shown_as if discussion.exchange_id else None


def _needs_approval(
    session: Session,
    discussion: AnyDiscussion,
    settings: DiscussionSettings,
    permissions: Permissions,
    author_id: int | None,
    edited: int = 0,
) -> bool:
    """Whether a text waits for approval. ``edited``: 1 for the edit of a published post.

    With ``first_post``, an author without another published post needs it. Guests always do.
    """
    if permissions.held:
        return True
    if permissions.moderate or settings.moderation not in ("all", "first_post"):
        return False
    if settings.moderation == "all":
        return True
    published = session.scalar(
        select(func.sum(DiscussionCount.posts)).where(
            DiscussionCount.discussion_id == discussion.id,
            DiscussionCount.kind.in_(PERSONAL),
            DiscussionCount.value == str(author_id),
        )
    )
    return (published or 0) <= edited


def _group_of_thread(
    session: Session,
    launch_session: CurrentSession,
    permissions: Permissions,
    group_id: int | None,
) -> int:
    """Return the group for which a thread is begun; instructors may choose any of the course."""
    chosen = checks.checked_group(permissions, group_id)
    if chosen and permissions.moderate:
        course = launch_session.course_id
        groups = groups_of(session, course) if course is not None else ()
        if chosen not in {group.id for group in groups}:
            raise DiscussionError(Reason.OTHER_GROUP)
    return chosen


def _made_before(
    session: Session, launch_session: CurrentSession, module: Module, post_id: int
) -> Post:
    """Return the post made from a form that was sent before.

    Raises :class:`DiscussionError` if that post is in another discussion.
    """
    found = session.get_one(Post, post_id)
    current = discussions.find_row(session, launch_session.resource_link_id, module.id)
    if current is None or found.discussion_id != current.id:
        raise DiscussionError(Reason.FORM_USED)
    return found


def _discard_draft(
    session: Session,
    launch_session: CurrentSession,
    module: Module,
    author_id: int | None,
    place: drafts.Place,
    draft_key: str | None = None,
) -> None:
    if author_id is not None and launch_session.resource_link_id is not None:
        link = launch_session.resource_link_id
        drafts.discard(session, author_id, link, module.id, place, draft_key)
