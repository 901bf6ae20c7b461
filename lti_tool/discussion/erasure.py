"""Erase a person from discussions: texts, names, and what others quote."""

from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from courseware.markdown import RENDERER
from lti_tool.directory.model import Course, Deployment, Membership, ResourceLink
from lti_tool.discussion import mentions, post_texts, reactions, texts_of_others, writer
from lti_tool.discussion.facets import PERSONAL
from lti_tool.discussion.model import (
    AnswerUpload,
    AuthorCount,
    DiscussionCount,
    DiscussionReader,
    HiddenPost,
    Post,
    PostReport,
    ReportedPost,
    SavedDraft,
    SummaryText,
    SummaryVersion,
    ThreadRead,
)
from lti_tool.discussion.redaction import REMOVED, Redactor
from lti_tool.discussion.text import render_stored
from lti_tool.discussion.texts_of_others import Subject


def erase(session: Session, user_id: int) -> None:
    """Blank the user's posts and keep the tree; remove the user from the texts of others."""
    subject = texts_of_others.subject_of(session, user_id)
    candidates = texts_of_others.candidate_posts(session, subject)
    _lock_discussions(session, user_id, set(candidates))
    reactions.remove_of_user(session, user_id)
    mentions.forget(session, user_id, REMOVED)
    _redact_others(session, subject, candidates)
    _erase_posts(session, user_id)
    _erase_reports(session, user_id)
    _erase_summaries(session, user_id)
    # Uploads that wait may have answers of the user, of any name.
    courses = select(Membership.course_id).where(Membership.user_id == user_id)
    links = select(ResourceLink.id).where(ResourceLink.course_id.in_(courses))
    waiting = or_(AnswerUpload.user_id == user_id, AnswerUpload.resource_link_id.in_(links))
    session.execute(delete(AnswerUpload).where(waiting))
    for table in (SavedDraft, DiscussionReader, ThreadRead, AuthorCount):
        session.execute(delete(table).where(table.user_id == user_id))
    counts = DiscussionCount.__table__.c
    own_counts = counts.kind.in_(PERSONAL), counts.value == str(user_id), counts.posts == 0
    session.execute(delete(DiscussionCount).where(*own_counts))


def _lock_discussions(session: Session, user_id: int, others: set[int]) -> None:
    """Lock, in the order of all writers, the discussions in which something changes."""
    reported = (
        select(Post.discussion_id)
        .join(PostReport, PostReport.post_id == Post.id)
        .where(PostReport.user_id == user_id)
    )
    found = texts_of_others.mentioning_discussions(session, user_id) | others
    found |= set(session.scalars(reported))
    for discussion_id in sorted(found):
        writer.lock(session, discussion_id)


def _redact_others(session: Session, subject: Subject, candidates: dict[int, list[int]]) -> None:
    """Remove quotes and names from the posts of others, their earlier texts, edits and drafts."""
    redactors: dict[int, Redactor] = {}

    def redacted(source: str, discussion_id: int) -> str:
        if discussion_id not in redactors:
            found = texts_of_others.redactor_for(session, subject, discussion_id)
            redactors[discussion_id] = found
        return redactors[discussion_id].redacted(source)

    for discussion_id, ids in candidates.items():
        discussion = writer.lock(session, discussion_id)
        for post in texts_of_others.posts(session, subject, ids):
            source = redacted(post.source, discussion_id)
            if source != post.source:
                named = mentions.names_in(session, [post.id]).get(post.id, [])
                html = mentions.highlight(render_stored(source), named)
                values: dict[str, Any] = {"source": source, "html": html}
                values |= {"renderer": RENDERER, "revision": post.revision + 1}
                writer.change(session, discussion, post, **values)
    for version, discussion_id in texts_of_others.versions(session, subject):
        version.source = redacted(version.source, discussion_id)
    for edit, discussion_id in texts_of_others.edits(session, subject):
        edit.source = redacted(edit.source, discussion_id)
    for draft, discussion_id in texts_of_others.drafts(session, subject):
        draft.text = redacted(draft.text, discussion_id)
    session.flush()


def _erase_posts(session: Session, user_id: int) -> None:
    discussion_ids = session.scalars(
        select(Post.discussion_id).where(Post.author_id == user_id).distinct()
    ).all()
    for discussion_id in sorted(discussion_ids):
        discussion = writer.lock(session, discussion_id)
        own = Post.discussion_id == discussion_id, Post.author_id == user_id
        posts = session.scalars(select(Post).where(*own).order_by(Post.id)).all()
        for post in posts:
            writer.drop_pending_edit(session, discussion, post.id)
            if post.status != "deleted":
                post_texts.erase_texts(session, discussion, post)
            writer.change(session, discussion, post, author_id=None)
            post.draft_key, post.hidden_reason = "", None
        session.flush()
        # What others wrote about a post, for instructors, goes with it.
        for table in (PostReport, HiddenPost):
            gone = delete(table).where(table.post_id.in_([post.id for post in posts]))
            session.execute(gone)


def _erase_reports(session: Session, user_id: int) -> None:
    """Delete the reports of the user, and count one less for each post."""
    own_institutions = (
        select(Deployment.institution_id)
        .join(Course, Course.deployment_id == Deployment.id)
        .join(Membership, Membership.course_id == Course.id)
        .where(Membership.user_id == user_id, Deployment.institution_id.is_not(None))
    )
    waiting = session.scalars(
        select(ReportedPost)
        .join(PostReport, PostReport.post_id == ReportedPost.post_id)
        .join(Post, Post.id == ReportedPost.post_id)
        .where(
            PostReport.user_id == user_id,
            ~PostReport.settled,
            or_(
                ReportedPost.institution_id == func.coalesce(Post.institution_id, 0),
                ReportedPost.institution_id.in_(own_institutions),
            ),
        )
        .order_by(ReportedPost.discussion_id, ReportedPost.post_id)
        .distinct()
    ).all()
    for reported in waiting:
        discussion = writer.lock(session, reported.discussion_id)
        if reported.reports > 1:
            reported.reports -= 1
        else:
            writer.settle_reports(session, discussion, reported.post_id, reported.institution_id)
    session.flush()
    session.execute(delete(PostReport).where(PostReport.user_id == user_id))


def _erase_summaries(session: Session, user_id: int) -> None:
    """Withdraw the weekly summaries of the user, with their drafts and earlier texts."""
    own_versions = SummaryVersion.author_id == user_id
    touched = session.scalars(
        select(SummaryText.id).where(
            or_(
                SummaryText.author_id == user_id,
                SummaryText.draft_author_id == user_id,
                SummaryText.id.in_(select(SummaryVersion.summary_id).where(own_versions)),
            )
        )
    ).all()
    session.execute(delete(SummaryVersion).where(own_versions))
    changes = (
        (SummaryText.author_id, {"author_id": None, "source": "", "published_at": None}),
        (SummaryText.draft_author_id, {"draft_author_id": None, "draft": None}),
    )
    for author, values in changes:
        own = update(SummaryText).where(author == user_id)
        session.execute(own.values(revision=SummaryText.revision + 1, **values))
    empty = delete(SummaryText).where(
        SummaryText.id.in_(touched),
        SummaryText.published_at.is_(None),
        SummaryText.draft.is_(None),
        ~select(SummaryVersion.id).where(SummaryVersion.summary_id == SummaryText.id).exists(),
    )
    session.execute(empty)
