"""Search the posts of a discussion.

A post is found if it has every term of the query: in its text, in the name that is shown with it,
or in the title of the question that it answers. The newest posts come first; there is no ranking,
so that the index can be read in parts.

The posts of a discussion are in blocks (``search_index.BLOCK``). A statement looks into some blocks
with the index, and applies the rules of reading and the filter to what it finds, before it takes a
page. As long as it finds little, the next one looks into more blocks. So the cost has a limit,
however large the discussion is and however frequent the words are. When the limit is reached, the
page says so and continues on demand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from lti_tool.discussion import search_index, search_words
from lti_tool.discussion.facets import is_published
from lti_tool.discussion.languages import UNKNOWN
from lti_tool.discussion.model import Post, PostWords
from lti_tool.discussion.permissions import HIDDEN_HERE
from lti_tool.discussion.queries import Scope
from lti_tool.discussion.search_words import Piece, Term, Token
from lti_tool.discussion.selects import HitRow, moderated
from lti_tool.discussion.shared_posts import as_seen

HITS_PER_PAGE = 20
_MOST_STATEMENTS = 4
_MOST_BLOCKS = 512
_WIDENING = 16
"""A statement looks into so many times more blocks than the one before, if that found little."""
_LITTLE = search_index.BLOCK // _WIDENING

_P = Post.__table__.alias("post")
_V = Post.__table__.alias("visible")
_W = PostWords.__table__


class Position(NamedTuple):
    """Where a page begins: after this post of a block. ``str`` is the form in URLs."""

    block: int
    post_id: int

    def __str__(self) -> str:
        return f"{self.block}.{self.post_id}"


def parse_position(value: str | None) -> Position | None:
    """Parse a position in a URL; None if it is not valid."""
    block, _, post_id = (value or "").partition(".")
    if all(each.isascii() and each.isdecimal() and len(each) <= 9 for each in (block, post_id)):
        return Position(int(block), int(post_id))
    return None


@dataclass(frozen=True, slots=True)
class Hit:
    """A found post, and its text around the first match, split at the matches."""

    row: HitRow
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of found posts, the newest first.

    ``older``: where the next page begins, None at the end. ``partly``: the limit of the cost was
    reached before the page was full.
    """

    hits: tuple[Hit, ...] = ()
    older: Position | None = None
    partly: bool = False


def find(
    connection: Connection,
    scope: Scope,
    terms: Sequence[Term],
    *,
    latest: int,
    languages: Sequence[str] = (),
    questions: Mapping[str, str] | None = None,
    after: Position | None = None,
    limit: int = HITS_PER_PAGE,
) -> SearchPage:
    """Return a page of the posts that have all terms.

    ``latest`` is the discussion's latest sequence; ``questions`` are titles by question id. Takes
    up to four statements. In PostgreSQL it takes one more, and the connection must be in a
    transaction.
    """
    begin = min(after.block if after else latest // search_index.BLOCK, latest)
    edge, width = after or Position(begin + 1, 0), 2
    titles = _matching_questions(terms, questions or {})
    if connection.dialect.name == "postgresql":
        connection.execute(_USE_INDEX)
    rows: list[Any] = []
    for _ in range(_MOST_STATEMENTS):
        blocks = range(begin, max(begin - width, -1), -1)
        if not blocks:
            break
        batch = connection.execute(
            _statement(
                connection.dialect.name,
                filtered=bool(languages),
                grouped=scope.groups is not None,
            ),
            {
                **scope.parameters,
                "match": _MATCH[connection.dialect.name](scope.discussion_id, blocks, titles),
                "edge_block": edge.block,
                "edge": edge.post_id,
                "groups": scope.groups,
                "languages": list(languages),
                "limit": limit + 1 - len(rows),
            },
        ).all()
        rows += [row for row in batch if row.id is not None]
        if len(rows) > limit:
            break
        begin = blocks[-1] - 1
        if batch[0].candidates <= _LITTLE:
            width = min(width * _WIDENING, _MOST_BLOCKS)
    shown = rows[:limit]
    older = None
    if len(rows) > limit:
        older = Position(shown[-1].block, shown[-1].id)
    elif begin >= 0:
        older = Position(begin + 1, 0)
    found = [HitRow(*(getattr(row, name) for name in HitRow._fields)) for row in shown]
    seen = as_seen(connection, scope.viewpoint, found)
    hits = (_hit(row, terms) for row in seen if scope.moderate or row.status != HIDDEN_HERE)
    return SearchPage(tuple(hits), older, partly=len(rows) <= limit and begin >= 0)


def posts_with(
    connection: Connection, discussion_id: int, latest: int, terms: Sequence[Term]
) -> list[int]:
    """Return the ids of all posts of a discussion that have all terms, regardless of their status.

    ``latest`` is the discussion's latest sequence. Takes a statement for each half a million posts.
    """
    dialect, found = connection.dialect.name, list[int]()
    if not terms:
        return found
    if dialect == "postgresql":
        connection.execute(_USE_INDEX)
    sought = [(term, ()) for term in terms]
    for begin in range(latest // search_index.BLOCK, -1, -_MOST_BLOCKS):
        blocks = range(begin, max(begin - _MOST_BLOCKS, -1), -1)
        match = {"match": _MATCH[dialect](discussion_id, blocks, sought)}
        found += connection.scalars(select(_W.c.post_id).where(_IN_INDEX[dialect]), match)
    return found


def _hit(row: HitRow, terms: Sequence[Term]) -> Hit:
    shown = search_words.plain_text(row.html)
    spans = search_words.matches(shown, terms, within=search_words.SNIPPET)
    return Hit(row, search_words.snippet(shown, spans))


_Sought = Sequence[tuple[Term, Sequence[str]]]
"""Each term, and the ids of the questions whose titles have it."""


def _matching_questions(terms: Sequence[Term], questions: Mapping[str, str]) -> _Sought:
    words = {
        question_id: search_words.index_words(search_words.fold(title))
        for question_id, title in questions.items()
    }
    return [(term, [each for each, found in words.items() if term.is_in(found)]) for term in terms]


def _sqlite_match(discussion_id: int, blocks: Sequence[int], sought: _Sought) -> str:
    def quoted(begin: str, token: Token) -> str:
        return f'"{begin}{token.text}"{" *" if token.prefix else ""}'

    return _match(discussion_id, blocks, sought, quoted, " AND ", " OR ")


def _postgresql_match(discussion_id: int, blocks: Sequence[int], sought: _Sought) -> str:
    def quoted(begin: str, token: Token) -> str:
        return f"'{begin}{token.text}'{':*' if token.prefix else ''}"

    return _match(discussion_id, blocks, sought, quoted, " & ", " | ")


def _match(
    discussion_id: int,
    blocks: Sequence[int],
    sought: _Sought,
    quoted: Any,
    all_of: str,
    any_of: str,
) -> str:
    """Return the expression for the index. Words have no other characters than letters and digits.

    See ``search_words.fold``: nothing in a query can be taken for an operator.
    """
    alternatives = []
    for block in blocks:
        begin = search_index.prefix(discussion_id, block)
        conditions = []
        for term, questions in sought:
            parts = [f"({all_of.join(quoted(begin, token) for token in term.tokens)})"]
            for question in questions:
                word = search_index.question_word(question)
                parts.append(quoted(begin, Token(word, prefix=False)))
            conditions.append(f"({any_of.join(parts)})")
        alternatives.append(f"({all_of.join(conditions)})")
    return any_of.join(alternatives)


_USE_INDEX = select(
    *(
        func.set_config(name, "off", true())
        for name in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit")
    )
)
"""Until the transaction ends. The planner takes a query for many blocks for one that finds much: it
would read all posts of the discussion for a join with the few that are found."""

_MATCH = {"sqlite": _sqlite_match, "postgresql": _postgresql_match}
_IN_INDEX: dict[str, ColumnElement[bool]] = {
    "sqlite": _W.c.post_id.in_(
        text("SELECT rowid FROM post_words_fts WHERE post_words_fts MATCH :match")
    ),
    "postgresql": _W.c.words.op("@@")(cast(bindparam("match", type_=String), TSQUERY)),
}


@cache
def _statement(dialect: str, *, filtered: bool, grouped: bool) -> Select[Any]:
    """The posts of a page, and in each row the number of ``candidates``; one row if it is empty."""
    candidates = (
        select(_W.c.post_id, _W.c.block)
        .where(
            _IN_INDEX[dialect],
            or_(
                _W.c.block < bindparam("edge_block", type_=Integer),
                and_(
                    _W.c.block == bindparam("edge_block", type_=Integer),
                    _W.c.post_id < bindparam("edge", type_=Integer),
                ),
            ),
        )
        .cte("candidates")
    )
    conditions = [
        _V.c.discussion_id == bindparam("discussion", type_=Integer),
        or_(
            is_published(_V),
            and_(
                _V.c.status.in_(("held", "hidden")),
                or_(
                    _V.c.author_id == bindparam("user", type_=Integer),
                    moderated(_V),
                ),
            ),
        ),
    ]
    if grouped:
        groups = bindparam("groups", expanding=True, type_=Integer)
        conditions.append(_V.c.group_id.in_(groups))
    if filtered:
        tags = bindparam("languages", expanding=True, type_=String)
        conditions.append(func.coalesce(_V.c.language, UNKNOWN).in_(tags))
    page = (
        select(_V.c.id, candidates.c.block)
        .select_from(candidates.join(_V, _V.c.id == candidates.c.post_id))
        .where(*conditions)
        .order_by(candidates.c.block.desc(), _V.c.id.desc())
        .limit(bindparam("limit", type_=Integer))
        .subquery("page")
    )
    total = select(func.count().label("candidates")).select_from(candidates).subquery("total")
    return (
        select(total.c.candidates, page.c.block, *(_P.c[name] for name in HitRow._fields))
        .select_from(total.outerjoin(page, true()).outerjoin(_P, _P.c.id == page.c.id))
        .order_by(page.c.block.desc(), page.c.id.desc())
    )
