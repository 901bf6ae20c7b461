"""Read what instructors have to deal with: held posts, edits that wait, reported posts."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, and_, func, or_, select

from lti_tool.directory.exchanges import of_institution
from lti_tool.discussion import queries
from lti_tool.discussion.model import PendingEdit, Post, PostReport, ReportedPost
from lti_tool.discussion.queries import Scope
from lti_tool.discussion.selects import PostRow, Source

PER_PAGE = 20
REASONS_SHOWN = 5
"""Reasons that are shown of the reports of a post."""
_MOST_REASONS = 500

_E = PendingEdit.__table__
_P = Post.__table__
_R = ReportedPost.__table__
_REPORTS = PostReport.__table__


@dataclass(frozen=True, slots=True)
class WaitingEdit:
    """The new text of a published post."""

    row: PostRow
    source: str
    version: str


@dataclass(frozen=True, slots=True)
class Reported:
    """A reported post, the number of users who reported it, and some of their reasons."""

    row: PostRow
    reports: int
    reasons: tuple[str, ...]


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """A page of a list; ``after`` is the position at which the next page begins, if any."""

    items: tuple[T, ...] = ()
    after: str | None = None


def held_posts(
    connection: Connection,
    scope: Scope,
    after: int | None,
    source: Source = "",
    most: int = PER_PAGE,
) -> Listed[PostRow]:
    """Return at most ``most`` posts that wait for approval, the oldest first."""
    rows = queries.held_posts(connection, scope, source, after, most + 1)
    return _page(rows, [str(row.id) for row in rows], most)


def waiting_edits(connection: Connection, scope: Scope, after: int | None) -> Listed[WaitingEdit]:
    """Return new texts of published posts, in the order of the posts."""
    found = connection.execute(
        select(_E.c.post_id, _E.c.source, _E.c.created_at)
        .join(_P, _P.c.id == _E.c.post_id)
        .where(
            _E.c.discussion_id == scope.discussion_id,
            func.coalesce(_P.c.institution_id, 0) == scope.moderates,
            _E.c.rejected_reason.is_(None),
            _E.c.post_id > (after or 0),
        )
        .order_by(_E.c.post_id)
        .limit(PER_PAGE + 1)
    ).all()
    rows = queries.posts_by_id(connection, scope, [each.post_id for each in found])
    items = [
        WaitingEdit(rows[each.post_id], each.source, each.created_at.isoformat()) for each in found
    ]
    return _page(items, [str(each.post_id) for each in found])


def reported_posts(connection: Connection, scope: Scope, after: str) -> Listed[Reported]:
    """Return reported posts, those that most users reported first.

    ``after`` is ``<reports>-<post id>``, or empty for the first page.
    """
    query = select(_R.c.post_id, _R.c.reports).where(
        _R.c.discussion_id == scope.discussion_id, _R.c.institution_id == scope.moderates
    )
    reports, _, post_id = after.partition("-")
    if _is_number(reports) and _is_number(post_id):
        earlier = and_(_R.c.reports == int(reports), _R.c.post_id < int(post_id))
        query = query.where(or_(_R.c.reports < int(reports), earlier))
    query = query.order_by(_R.c.reports.desc(), _R.c.post_id.desc()).limit(PER_PAGE + 1)
    found = connection.execute(query).all()
    ids = [each.post_id for each in found]
    rows = queries.posts_by_id(connection, scope, ids)
    reasons = _reasons(connection, scope, ids)
    items = [
        Reported(rows[each.post_id], each.reports, tuple(reasons.get(each.post_id, ())))
        for each in found
    ]
    return _page(items, [f"{each.reports}-{each.post_id}" for each in found])


def _reasons(connection: Connection, scope: Scope, ids: list[int]) -> dict[int, list[str]]:
    """Return the reasons of reports: all of one's own posts, of others those of one's people."""
    found: dict[int, list[str]] = {}
    if not ids:
        return found
    query = (
        select(_REPORTS.c.post_id, _REPORTS.c.reason)
        .where(_REPORTS.c.post_id.in_(ids), ~_REPORTS.c.settled)
        .order_by(_REPORTS.c.created_at)
        .limit(_MOST_REASONS)
    )
    if scope.viewpoint is not None:
        own = scope.moderates
        query = query.join(_P, _P.c.id == _REPORTS.c.post_id).where(
            or_(_P.c.institution_id == own, of_institution(_REPORTS.c.user_id, own))
        )
    for row in connection.execute(query):
        of_post = found.setdefault(row.post_id, [])
        if len(of_post) < REASONS_SHOWN:
            of_post.append(row.reason)
    return found


def _page(items: Any, positions: list[str], most: int = PER_PAGE) -> Listed[Any]:
    return Listed(tuple(items[:most]), positions[most - 1] if len(items) > most else None)


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) <= 9
