"""How the posts of a shared discussion appear to the people of one institution.

Every post that is read for people passes :func:`as_seen`, which replaces the names of authors of
other institutions by what these allow, and withdraws the posts that the reader's own institution
has hidden from its people. So pages, mail, feeds and the search cannot show more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection, select

from lti_tool.directory.exchange_model import SHOWN_AS
from lti_tool.directory.exchanges import Member, members_of
from lti_tool.discussion import names
from lti_tool.discussion.discussions import DiscussionState
from lti_tool.discussion.model import HiddenPost
from lti_tool.discussion.permissions import HIDDEN_HERE
from lti_tool.discussion.selects import HitRow, PostRow

_H = HiddenPost.__table__.c
AnyRow = TypeVar("AnyRow", PostRow, HitRow)


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """The institution that reads a shared discussion.

    ``members`` are the institutions of the exchange by id; none if the discussion is shared by the
    courses of one institution.
    """

    institution_id: int
    members: Mapping[int, Member] = field(default_factory=dict)

    def is_foreign(self, institution_id: int | None) -> bool:
        """Whether a post is by somebody of another institution."""
        return (institution_id or 0) != self.institution_id

    def shown_name(
        self, institution_id: int | None, shown_as: str | None, name: str | None, code: str | None
    ) -> str | None:
        """Return the name under which the reader sees an author; None for the pseudonym."""
        if not self.is_foreign(institution_id):
            return name
        member = self.members.get(institution_id or 0)
        if member is None or member.nameless:
            return None
        return outside_name(stricter(shown_as, member.shown_as), name, code)

    def label(self, institution_id: int | None) -> str | None:
        """Return the name of the institution to show with a post; None for the reader's own."""
        member = self.members.get(institution_id or 0)
        if member is None or member.nameless or not self.is_foreign(institution_id):
            return None
        return member.name


def viewpoint_of(connection: Connection, state: DiscussionState) -> Viewpoint | None:
    """Return the institution that reads a shared discussion; None in that of one course.

    Takes one statement for the discussion of an exchange.
    """
    if not state.shared_id:
        return None
    if state.exchange_id is None:
        return Viewpoint(state.institution_id)
    return Viewpoint(state.institution_id, members_of(connection, state.exchange_id))


def stricter(one: str | None, other: str | None) -> str:
    """Return the more careful of two ways to show authors; a later promise uncovers nobody."""
    return SHOWN_AS[min(SHOWN_AS.index(each) if each in SHOWN_AS else 0 for each in (one, other))]


def outside_name(shown_as: str, name: str | None, code: str | None) -> str | None:
    """Return what people of other institutions read as a name; None for the pseudonym."""
    if not name or shown_as == "pseudonym":
        return None
    if shown_as == "initials":
        return f"{names.initials(name, code)} ({code})"
    return name


def as_seen(
    connection: Connection, viewpoint: Viewpoint | None, rows: Sequence[AnyRow]
) -> list[AnyRow]:
    """Return posts as the people of an institution see them.

    Takes no statement for a discussion of one course (``viewpoint`` None), else one.
    """
    if viewpoint is None or not rows:
        return list(rows)
    hidden = _hidden(connection, viewpoint, rows)
    return [_seen(viewpoint, hidden, row) for row in rows]


def _seen(viewpoint: Viewpoint, hidden: Mapping[int, str], row: AnyRow) -> AnyRow:
    shown = viewpoint.shown_name(row.institution_id, row.shown_as, row.author_name, row.author_code)
    row = row._replace(author_name=shown)
    if row.id in hidden and row.status == "published":
        row = row._replace(status=HIDDEN_HERE, hidden_reason=hidden[row.id])
    if isinstance(row, HitRow) or row.reply_to_id is None:
        return row
    answered = viewpoint.shown_name(
        row.answered_institution, row.answered_shown_as, row.answered_name, row.answered_code
    )
    row = row._replace(answered_name=answered)
    return row._replace(answered_status=HIDDEN_HERE) if row.reply_to_id in hidden else row


def _hidden(
    connection: Connection, viewpoint: Viewpoint, rows: Iterable[PostRow | HitRow]
) -> dict[int, str]:
    """Return the reasons of the posts, and of those that they answer, that are hidden here."""
    ids = {row.id for row in rows}
    ids |= {row.reply_to_id for row in rows if isinstance(row, PostRow) and row.reply_to_id}
    found = connection.execute(
        select(_H.post_id, _H.reason).where(
            _H.institution_id == viewpoint.institution_id, _H.post_id.in_(ids)
        )
    )
    return {row.post_id: row.reason for row in found}
