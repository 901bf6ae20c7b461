"""The SQL SELECT statements that find the discussion of a launch session (``discussions``).

Bind parameters: ``resource_link``, ``module``, ``user`` and ``institution``, and ``user_value``,
the user's id as a text.
"""

from typing import Any

from sqlalchemy import Integer, String, and_, bindparam, case, exists, func, or_, select

from lti_tool.directory.exchange_model import Exchange
from lti_tool.discussion.facets import PERSONAL, is_held, is_one_of, is_unapproved
from lti_tool.discussion.model import (
    Discussion,
    DiscussionCount,
    DiscussionReader,
    PendingEdit,
    Post,
    SummaryText,
    ThreadMove,
)
from lti_tool.discussion.selects import IS_UNLISTED_THREAD, OWN_LATEST

_D = Discussion.__table__
_SHARED = Discussion.__table__.alias("shared")
_X = Exchange.__table__
_ID = func.coalesce(_D.c.shared_id, _D.c.id)
_C = DiscussionCount.__table__
_P = Post.__table__
_S = SummaryText.__table__
_E = PendingEdit.__table__
_READER = DiscussionReader.__table__
_MOVES = ThreadMove.__table__

_OWN_POSTS = (
    select(func.coalesce(func.sum(_C.c.posts), 0))
    .where(
        _C.c.discussion_id == _ID,
        is_one_of(_C.c.kind, PERSONAL),
        _C.c.value == bindparam("user_value"),
    )
    .correlate(_D)
    .scalar_subquery()
)
_OWN_UNAPPROVED = (
    exists()
    .where(
        _P.c.discussion_id == _ID,
        _P.c.author_id == bindparam("user", type_=Integer),
        is_unapproved(_P),
    )
    .correlate(_D)
)
_OWN_HIDDEN = exists().where(OWN_LATEST.c.discussion_id == _ID, IS_UNLISTED_THREAD).correlate(_D)
_OWN_HELD = _OWN_UNAPPROVED.where(is_held(_P))
_OWN_EDITS = (
    exists()
    .where(_E.c.discussion_id == _ID, _E.c.author_id == bindparam("user", type_=Integer))
    .correlate(_D)
)
_MOVING = exists().where(_MOVES.c.discussion_id == _ID).correlate(_D)
_PINNED = (
    select(func.count())
    .where(_P.c.discussion_id == _ID, _P.c.pinned_at.is_not(None))
    .correlate(_D)
    .scalar_subquery()
)
_SUMMARY_WEEK = (
    select(func.max(_S.c.week))
    .where(_S.c.discussion_id == _D.c.id, _S.c.published_at.is_not(None))
    .correlate(_D)
    .scalar_subquery()
)


def _of_institution(kind: str) -> Any:
    """The posts of a shared discussion that wait for the institution's instructors."""
    return (
        select(func.coalesce(func.sum(_C.c.posts), 0))
        .where(
            _C.c.discussion_id == _D.c.shared_id,
            _C.c.kind == kind,
            _C.c.value == bindparam("institution", type_=String),
        )
        .correlate(_D)
        .scalar_subquery()
    )


_IS_COURSE = _D.c.shared_id.is_(None)
NUMBER_WAITING = case((_IS_COURSE, _D.c.waiting), else_=_of_institution("waiting"))
NUMBER_REPORTED = case((_IS_COURSE, _D.c.reported), else_=_of_institution("reported"))
"""What waits for the instructors of a row of ``discussions``, as parts of other statements."""
_IS_OF_MODULE = (
    _D.c.resource_link_id == bindparam("resource_link"),
    _D.c.module_id == bindparam("module"),
    _D.c.archived_at.is_(None),
)
ID = select(_ID).where(*_IS_OF_MODULE).scalar_subquery()
"""The id of the discussion of a module in a resource link, as a part of other statements."""
FIND = (
    select(
        _D.c.id,
        _D.c.shared_id,
        _D.c.settings,
        func.coalesce(_SHARED.c.latest_sequence, _D.c.latest_sequence).label("latest_sequence"),
        _SHARED.c.exchange_id,
        _X.c.name.label("exchange_name"),
        _X.c.closed_at.label("exchange_closed_at"),
        NUMBER_WAITING.label("waiting"),
        NUMBER_REPORTED.label("reported"),
        _OWN_POSTS.label("own_posts"),
        case((_OWN_HELD, 1), else_=0).label("own_held"),
        case((or_(_OWN_UNAPPROVED, _OWN_HIDDEN), 1), else_=0).label("own_unlisted"),
        case((_OWN_EDITS, 1), else_=0).label("own_edits"),
        case((_MOVING, 1), else_=0).label("moving"),
        _PINNED.label("pinned"),
        _SUMMARY_WEEK.label("summary_week"),
        _READER.c.visited_at,
        _READER.c.read_up_to,
        _READER.c.earlier_visit_up_to,
        _READER.c.languages,
    )
    .select_from(
        _D.outerjoin(
            _READER,
            and_(
                _READER.c.user_id == bindparam("user", type_=Integer),
                _READER.c.discussion_id == _ID,
            ),
        )
        .outerjoin(_SHARED, _SHARED.c.id == _D.c.shared_id)
        .outerjoin(_X, _X.c.id == _SHARED.c.exchange_id)
    )
    .where(*_IS_OF_MODULE)
)
WAITING = select(NUMBER_WAITING + NUMBER_REPORTED).where(*_IS_OF_MODULE)
