"""Texts of others in which a person is named or quoted, for an administrator's erasure."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from lti_tool.directory.model import ResourceLink
from lti_tool.directory.person_names import excerpt, has_name
from lti_tool.discussion import texts_of_others
from lti_tool.discussion.model import Discussion, Post, PostReport, SummaryText, SummaryVersion
from lti_tool.discussion.redaction import Redactor
from lti_tool.discussion.search_words import matches, parse_query, plain_text, snippet
from lti_tool.discussion.texts_of_others import Subject
from lti_tool.feature import NamedText

MOST = 500
"""Texts that are listed."""


def named_texts(session: Session, user_id: int) -> Sequence[NamedText]:
    """Return posts of others, which an erasure changes, and summaries, which it does not.

    Also imported posts under the name, which belong to no user.
    """
    subject = texts_of_others.subject_of(session, user_id)
    found = _Found(session, subject)
    return list(islice(found.all(), MOST))


class _Found:
    def __init__(self, session: Session, subject: Subject) -> None:
        self.session, self.subject = session, subject
        self._redactors: dict[int, Redactor] = {}
        terms = (parse_query(name).terms for name in subject.names)
        self._terms = [term for each in terms for term in each]
        self._activities: dict[int, str | None] = {}

    def all(self) -> Iterator[NamedText]:
        """Yield the texts; those that an erasure does not change come first."""
        yield from self._summaries()
        yield from self._reasons()
        yield from self._imported()
        yield from self._posts()

    def _posts(self) -> Iterator[NamedText]:
        candidates = texts_of_others.candidate_posts(self.session, self.subject)
        for discussion_id, ids in candidates.items():
            for post in texts_of_others.posts(self.session, self.subject, ids):
                if self._names(post.source, discussion_id):
                    yield self._text("post", post.id, post.html, discussion_id, post.id)

    def _imported(self) -> Iterator[NamedText]:
        """Posts of an archive under the person's name."""
        query = select(Post).where(
            Post.discussion_id.in_(self.subject.discussions),
            Post.author_id.is_(None),
            Post.origin.is_not(None),
            Post.author_name.in_(self.subject.names),
        )
        for post in self.session.scalars(query.order_by(Post.id).limit(MOST)):
            yield self._text("imported", post.id, post.html, post.discussion_id, post.id)

    def _summaries(self) -> Iterator[NamedText]:
        S, V, user = SummaryText, SummaryVersion, self.subject.user_id  # noqa: N806
        for text, author in ((S.source, S.author_id), (S.draft, S.draft_author_id)):
            query = select(S.id, S.discussion_id, text.label("text")).where(
                S.discussion_id.in_(self.subject.discussions),
                or_(author.is_(None), author != user),
            )
            yield from self._of_summaries(query, text)
        query = (
            select(S.id, S.discussion_id, V.source.label("text"))
            .join(V, and_(V.summary_id == S.id, or_(V.author_id.is_(None), V.author_id != user)))
            .where(S.discussion_id.in_(self.subject.discussions))
        )
        yield from self._of_summaries(query, V.source)

    def _of_summaries(self, query: Any, text: Any) -> Iterator[NamedText]:
        may_have = texts_of_others.may_have(text, self.subject)
        for row in self.session.execute(query.where(may_have)):
            if self._names(row.text, row.discussion_id):
                yield self._text("summary", row.id, row.text, row.discussion_id)

    def _reasons(self) -> Iterator[NamedText]:
        """The reasons of reports. Those of moderating acts are in the audit log."""
        for name in self.subject.names:
            query = (
                select(PostReport.post_id, PostReport.reason, Post.discussion_id)
                .join(Post, Post.id == PostReport.post_id)
                .where(
                    PostReport.user_id != self.subject.user_id,
                    Post.discussion_id.in_(self.subject.discussions),
                    texts_of_others.of_others(self.subject),
                    has_name(PostReport.reason, name),
                )
            )
            for row in self.session.execute(query):
                if excerpt(row.reason, name):
                    place = (row.discussion_id, row.post_id)
                    yield self._text("report", row.post_id, row.reason, *place)

    def _names(self, source: str, discussion_id: int) -> bool:
        redactor = self._redactors.get(discussion_id)
        if redactor is None:
            redactor = texts_of_others.redactor_for(self.session, self.subject, discussion_id)
            self._redactors[discussion_id] = redactor
        return redactor.redacted(source) != source

    def _text(
        self, kind: str, row: int, text: str, discussion_id: int, post_id: int | None = None
    ) -> NamedText:
        plain = plain_text(text)
        pieces = snippet(plain, matches(plain, self._terms))
        return NamedText(
            kind=kind,
            row=row,
            excerpt="".join(piece.text for piece in pieces),
            activity=self._activity(discussion_id),
            post=None if post_id is None else (discussion_id, post_id),
            removed=kind == "post",
        )

    def _activity(self, discussion_id: int) -> str | None:
        if discussion_id not in self._activities:
            self._activities[discussion_id] = self.session.scalar(
                select(ResourceLink.title)
                .join(Discussion, Discussion.resource_link_id == ResourceLink.id)
                .where(Discussion.id == discussion_id)
            )
        return self._activities[discussion_id]
