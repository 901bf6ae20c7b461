"""HTTP views that list posts: search, the reader's own, and what is new since the last visit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from sqlalchemy import Connection

from courseware.languages import direction, endonym
from courseware.page_view import PageItem
from lti_tool.discussion import languages, queries, search_words
from lti_tool.discussion import search as searching
from lti_tool.discussion.page_query import ALL_LANGUAGES, parse_post_id
from lti_tool.discussion.permissions import must_read, must_see_others
from lti_tool.discussion.post_views import author_name, post_view
from lti_tool.discussion.queries import PostList
from lti_tool.discussion.reader import Reader
from lti_tool.discussion.requests import blueprint, query_of_request, reader_of_request
from lti_tool.discussion.search import Hit
from lti_tool.discussion.search_words import MAX_QUERY, MAX_TERMS, Piece
from lti_tool.web.context import database
from lti_tool.web.pages import render, ui


@dataclass(slots=True)
class HitView:
    """A found post, with its text in pieces: those that match the query, and the others."""

    href: str
    author: str
    role_label: str | None
    created: datetime
    status: str
    question: PageItem | None
    lang: str
    dir: str
    lang_name: str
    pieces: Sequence[Piece]


@dataclass(slots=True)
class SearchView:
    """The page of a search. ``typed``: something was submitted; ``searched``: it had words.

    ``posts`` is the language filter as in the URL, ``languages`` its tags and names; ``all_href``
    is the same search without it. ``partly``: older posts were not searched yet.
    """

    query: str
    typed: bool
    searched: bool
    cut: bool
    posts: str
    languages: Sequence[tuple[str, str]]
    all_href: str
    hits: Sequence[HitView] = field(default_factory=list)
    older_href: str | None = None
    partly: bool = False
    max_terms: int = MAX_TERMS
    max_query: int = MAX_QUERY


@blueprint.get("/search")
def search() -> Response:
    """Show the posts that have all words of ``q``, in the languages of ``posts``."""
    typed = request.args.get("q", "")
    with database().read_core(in_transaction=True) as connection:
        reader = reader_of_request(connection)
        must_see_others(reader.permissions)
        view = _search(connection, reader, typed, request.args.get("after"))
    return render(
        "tool/search.html",
        title=ui().gettext("Search the discussion"),
        view=view,
        back_href=reader.module_url(reader.section),
    )


@blueprint.get("/mine")
def own_posts() -> Response:
    """Show the reader's own posts, also those that others do not see."""
    with database().read_core() as connection:
        reader = reader_of_request(connection)
        must_read(reader.permissions)
        listed = PostList()
        if reader.scope is not None and reader.scope.user_id is not None:
            after = parse_post_id(request.args.get("after"))
            listed = queries.own_posts(connection, reader.scope, after=after)
    interface = ui()
    return _list_page(
        reader,
        listed,
        title=interface.gettext("My posts"),
        explanation=interface.gettext(
            "Everything you have written in this discussion, newest first. Only you and the "
            "instructors see posts that are waiting to be approved or were hidden."
        ),
        empty=interface.gettext("You have not written anything yet."),
    )


@blueprint.get("/new")
def new_posts() -> Response:
    """Show the posts of others since the reader's last visit, the oldest first."""
    with database().read_core() as connection:
        reader = reader_of_request(connection)
        must_see_others(reader.permissions)
        state = reader.state
        after = parse_post_id(request.args.get("after"))
        if after is None:
            after = state.earlier_visit_up_to if state.visited else state.latest_sequence
        listed = PostList()
        if reader.scope is not None and after < state.latest_sequence:
            listed = queries.new_posts(connection, reader.scope, after)
    interface = ui()
    return _list_page(
        reader,
        listed,
        title=interface.gettext("New since you were last here"),
        explanation=interface.gettext("What others have written in the meantime, oldest first."),
        empty=interface.gettext("Nothing is new since you were last here."),
    )


def _list_page(reader: Reader, listed: PostList, **texts: Any) -> Response:
    posts = [post_view(reader, row, frozenset()) for row in listed.posts]
    if not reader.permissions.others:  # the name of whom the reader answered
        for post in posts:
            post.answered_href = None
    return render(
        "tool/post_list.html",
        posts=posts,
        back_href=reader.module_url(reader.section),
        next_href=None if listed.next is None else f"?after={listed.next}",
        **texts,
    )


def _search(connection: Connection, reader: Reader, typed: str, after: str | None) -> SearchView:
    chosen = query_of_request(reader).filters.languages
    posts = request.args.get("posts", "")
    posts = (",".join(chosen) or ALL_LANGUAGES) if posts else ""
    query = search_words.parse_query(typed)
    shown = typed[:MAX_QUERY]
    view = SearchView(
        query=shown,
        typed="q" in request.args,
        searched=bool(query.terms),
        cut=query.cut and bool(query.terms),
        posts=posts,
        languages=[_language(tag) for tag in chosen],
        all_href=_url(q=shown, posts=ALL_LANGUAGES),
    )
    scope = reader.scope
    if not query.terms or scope is None:
        return view
    page = searching.find(
        connection,
        scope,
        query.terms,
        latest=reader.state.latest_sequence,
        languages=chosen,
        questions={
            each.id: search_words.plain_text(str(each.title)) for each in reader.questions.values()
        },
        after=searching.parse_position(after),
    )
    view.hits = [_hit_view(reader, hit) for hit in page.hits]
    if page.older is not None:
        view.older_href = _url(q=shown, posts=posts or None, after=page.older)
    view.partly = page.partly
    return view


def _hit_view(reader: Reader, hit: Hit) -> HitView:
    row = hit.row
    staff = row.author_role == "instructor"
    return HitView(
        href=f"{reader.launch_session.path}post/{row.id}",
        author=author_name(reader, row),
        role_label=reader.ui.gettext("Instructor") if staff and row.author_name else None,
        created=row.created_at,
        status=row.status,
        question=reader.questions.get(row.question_id) if row.question_id else None,
        lang=row.language or "",
        dir=direction(row.language) if row.language else "auto",
        lang_name=endonym(row.language) if row.language else "",
        pieces=hit.pieces,
    )


def _language(tag: str) -> tuple[str, str]:
    if tag == languages.UNKNOWN:
        return "", ui().gettext("Unknown language")
    return tag, endonym(tag)


def _url(**arguments: Any) -> str:
    given = {name: value for name, value in arguments.items() if value is not None}
    return f"?{urlencode(given, safe=',')}"
