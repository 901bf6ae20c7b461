"""What the discussion stores about a person: the export, and what becomes of each table."""

from collections import defaultdict

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from courseware.i18n.marking import N_
from lti_tool.directory.audit import AuditEntry
from lti_tool.directory.model import ResourceLink
from lti_tool.discussion import quotes, reactions
from lti_tool.discussion.erasure import erase
from lti_tool.discussion.model import (
    AnswerUpload,
    AuthorCount,
    Discussion,
    DiscussionReader,
    PendingEdit,
    Post,
    PostMention,
    PostReport,
    PostTranslation,
    PostVersion,
    SavedDraft,
    SummaryText,
    SummaryVersion,
    ThreadRead,
)
from lti_tool.discussion.moderation.log import PREFIX
from lti_tool.discussion.named_texts import named_texts
from lti_tool.feature import Category, PersonalData, Rows


def _posts(session: Session, user_id: int) -> Rows:
    earlier = defaultdict(list)
    for version in session.execute(
        select(PostVersion.post_id, PostVersion.source)
        .join(Post, Post.id == PostVersion.post_id)
        .where(Post.author_id == user_id)
        .order_by(PostVersion.id)
    ):
        earlier[version.post_id].append(version.source)
    translations = defaultdict(list)
    for row in session.execute(
        select(PostTranslation.post_id, PostTranslation.language, PostTranslation.html)
        .join(Post, Post.id == PostTranslation.post_id)
        .where(Post.author_id == user_id)
        .order_by(PostTranslation.post_id, PostTranslation.language)
    ):
        translations[row.post_id].append(f"{row.language}: {quotes.plain_text(row.html)}")
    rows = session.execute(
        select(Post, Discussion.module_id, ResourceLink.title)
        .join(Discussion, Discussion.id == Post.discussion_id)
        .outerjoin(ResourceLink, ResourceLink.id == Discussion.resource_link_id)
        .where(Post.author_id == user_id)
        .order_by(Post.id)
    )
    return [
        {
            "post": post.id,
            "reply_to": post.reply_to_id,
            "activity": title,
            "module": module_id,
            "question": post.question_id,
            "written_at": post.created_at,
            "edited_at": post.edited_at,
            "deleted_at": post.deleted_at,
            "status": post.status,
            "reason": post.hidden_reason,
            "anonymous": post.anonymous,
            "shown_name": post.author_name or post.author_code,
            "language": post.language,
            "text": post.source,
            "earlier_texts": earlier[post.id],
            "machine_translations": translations[post.id],
            "source": post.origin,
        }
        for post, module_id, title in rows
    ]


def _drafts(session: Session, user_id: int) -> Rows:
    rows = session.execute(
        select(SavedDraft, ResourceLink.title)
        .join(ResourceLink, ResourceLink.id == SavedDraft.resource_link_id)
        .where(SavedDraft.user_id == user_id)
        .order_by(SavedDraft.id)
    )
    return [
        {
            "activity": title,
            "module": draft.module_id,
            "changed_at": draft.updated_at,
            "language": draft.language,
            "text": draft.text,
        }
        for draft, title in rows
    ]


def _reading(session: Session, user_id: int) -> Rows:
    rows = session.execute(
        select(DiscussionReader, Discussion.module_id, ResourceLink.title)
        .join(Discussion, Discussion.id == DiscussionReader.discussion_id)
        .outerjoin(ResourceLink, ResourceLink.id == Discussion.resource_link_id)
        .where(DiscussionReader.user_id == user_id)
        .order_by(Discussion.id)
    )
    threads: dict[int, list[str]] = defaultdict(list)
    for read in session.execute(
        select(ThreadRead.discussion_id, ThreadRead.thread_id, ThreadRead.read_up_to)
        .where(ThreadRead.user_id == user_id)
        .order_by(ThreadRead.thread_id)
    ):
        threads[read.discussion_id].append(f"{read.thread_id}: {read.read_up_to}")
    return [
        {
            "activity": title,
            "module": module_id,
            "latest_at": reader.visited_at,
            "read_up_to": reader.read_up_to,
            "read_in_threads": threads[reader.discussion_id],
            "languages_read": reader.languages,
        }
        for reader, module_id, title in rows
    ]


def _counts(session: Session, user_id: int) -> Rows:
    rows = session.execute(
        select(AuthorCount, Discussion.module_id, ResourceLink.title)
        .join(Discussion, Discussion.id == AuthorCount.discussion_id)
        .outerjoin(ResourceLink, ResourceLink.id == Discussion.resource_link_id)
        .where(AuthorCount.user_id == user_id)
        .order_by(Discussion.id, AuthorCount.question_id)
    )
    return [
        {
            "activity": title,
            "module": module_id,
            "question": counted.question_id,
            "anonymous": counted.anonymous,
            "threads": counted.threads,
            "replies": counted.replies,
            "first_at": counted.first_at,
            "latest_at": counted.latest_at,
        }
        for counted, module_id, title in rows
    ]


def _reports(session: Session, user_id: int) -> Rows:
    rows = session.scalars(
        select(PostReport).where(PostReport.user_id == user_id).order_by(PostReport.created_at)
    )
    return [
        {"post": row.post_id, "written_at": row.created_at, "reason": row.reason} for row in rows
    ]


def _edits(session: Session, user_id: int) -> Rows:
    rows = session.scalars(
        select(PendingEdit).where(PendingEdit.author_id == user_id).order_by(PendingEdit.post_id)
    )
    return [
        {
            "post": row.post_id,
            "written_at": row.created_at,
            "reason": row.rejected_reason,
            "text": row.source,
        }
        for row in rows
    ]


def _acts(session: Session, user_id: int) -> Rows:
    rows = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.user_id == user_id, AuditEntry.action.startswith(PREFIX))
        .order_by(AuditEntry.id)
    )
    uploads = session.scalars(
        select(AnswerUpload.created_at).where(AnswerUpload.user_id == user_id)
    )
    return [
        *(
            {
                "written_at": row.created_at,
                "action": row.action.removeprefix(PREFIX),
                "post": row.object_id,
                "reason": row.detail,
            }
            for row in rows
        ),
        *({"written_at": moment, "action": "upload"} for moment in uploads),
    ]


def _summaries(session: Session, user_id: int) -> Rows:
    """The weekly summaries and drafts of the user, and earlier texts of the user in any summary."""
    earlier = defaultdict(list)
    for version in session.scalars(
        select(SummaryVersion)
        .where(SummaryVersion.author_id == user_id)
        .order_by(SummaryVersion.id)
    ):
        earlier[version.summary_id].append(version.source)
    rows = session.execute(
        select(SummaryText, Discussion.module_id, ResourceLink.title)
        .join(Discussion, Discussion.id == SummaryText.discussion_id)
        .outerjoin(ResourceLink, ResourceLink.id == Discussion.resource_link_id)
        .where(
            or_(
                SummaryText.author_id == user_id,
                SummaryText.draft_author_id == user_id,
                SummaryText.id.in_(earlier),
            )
        )
        .order_by(SummaryText.id)
    )
    return [
        {
            "activity": title,
            "module": module_id,
            "week": summary.week.isoformat(),
            "language": summary.language,
            "changed_at": summary.changed_at,
            "text": summary.source if summary.author_id == user_id else None,
            "draft": summary.draft if summary.draft_author_id == user_id else None,
            "earlier_texts": earlier[summary.id],
        }
        for summary, module_id, title in rows
    ]


def _mentions(session: Session, user_id: int) -> Rows:
    rows = session.execute(
        select(PostMention.post_id, PostMention.name)
        .where(PostMention.user_id == user_id)
        .order_by(PostMention.post_id, PostMention.name)
    )
    return [{"post": row.post_id, "shown_name": row.name} for row in rows]


def _reactions(session: Session, user_id: int) -> Rows:
    return [
        {"post": post_id, "reaction": kind, "given_at": moment}
        for post_id, kind, moment in reactions.given_by(session, user_id)
    ]


_COUNTED = "numbers that follow from the posts"

PERSONAL_DATA = PersonalData(
    tables={
        "posts": "posts",
        "post_versions": "posts",
        "post_translations": "posts",
        "pending_edits": "edits",
        "post_reports": "reports",
        "answer_uploads": "acts",
        "summary_texts": "summaries",
        "summary_versions": "summaries",
        "drafts": "drafts",
        "post_mentions": "mentions",
        "post_reactions": "reactions",
        "discussion_readers": "reading",
        "thread_reads": "reading",
        "author_counts": "counts",
    },
    derived={
        "post_words": "the index of the search, made of the posts",
        "hidden_posts": "what instructors wrote for themselves; goes with the post",
        "discussion_counts": _COUNTED,
        "thread_facets": _COUNTED,
    },
    kept={
        "discussions": "settings; no person",
        "imported_posts": "hashes by which a text that was erased does not come back",
        "day_counts": "numbers of all people",
        "reaction_counts": "numbers of all people",
        "reported_posts": "numbers of all people",
        "thread_moves": "numbers of threads",
    },
    categories=(
        Category(
            "posts",
            N_("Your posts"),
            N_(
                "Read by everyone in the activity. Stored with the earlier texts, which "
                "instructors see, until you delete them or the institution's retention period "
                "ends."
            ),
            _posts,
        ),
        Category(
            "edits",
            N_("Your edits that wait for approval"),
            N_("Stored until an instructor approves them, or you delete the post."),
            _edits,
        ),
        Category(
            "reports",
            N_("Posts that you reported"),
            N_("Instructors see the reasons. Stored as long as the post."),
            _reports,
        ),
        Category(
            "acts",
            N_("What you did as an instructor"),
            N_("Moderation, and answers that you uploaded. Stored as long as the activity."),
            _acts,
        ),
        Category(
            "summaries",
            N_("Your weekly summaries"),
            N_(
                "Read by everyone in the activity, drafts by its instructors. Stored as long as "
                "the activity."
            ),
            _summaries,
        ),
        Category(
            "drafts",
            N_("Your drafts"),
            N_("So that no text is lost. Only you see them. Deleted after 60 days."),
            _drafts,
        ),
        Category(
            "mentions",
            N_("Posts in which you are mentioned"),
            N_("To notify you. Stored as long as the post or its earlier texts."),
            _mentions,
        ),
        Category(
            "reactions",
            N_("Your reactions"),
            N_(
                "Everyone sees how many people reacted to a post, nobody sees who. Stored until "
                "you remove them or the post is deleted."
            ),
            _reactions,
        ),
        Category(
            "reading",
            N_("What you have read in discussions"),
            N_(
                "To show you what is new. Instructors see when you read last. Stored as long as "
                "the discussion."
            ),
            _reading,
        ),
        Category(
            "counts",
            N_("How much you wrote"),
            N_("Instructors see these numbers. They follow from your posts."),
            _counts,
        ),
    ),
    erase=erase,
    named=named_texts,
)
