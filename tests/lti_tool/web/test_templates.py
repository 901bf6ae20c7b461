"""Templates are rendered without an application or a request, as the worker needs for mail."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import has_app_context

from courseware.fragment_cache import FragmentCache
from courseware.i18n import interface
from lti_tool.discussion.selects import PostRow
from lti_tool.discussion.view_models import PostView
from lti_tool.web.templates import ANY_SESSION, encoded, render_template_text

ROW: dict[str, Any] = {
    **dict.fromkeys(PostRow._fields),
    "id": 7,
    "author_name": "Ana <Quispe>",
    "author_role": "participant",
    "created_at": datetime(2026, 3, 4, 5, 6, tzinfo=UTC),
    "language": "es",
    "html": "<p>Hola</p>",
    "status": "published",
}
POST = PostView(
    PostRow(**ROW), interface("es"), visible=True, link_href=f"{ANY_SESSION}post/7", may_edit=True
)


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "Post by"), ("es", "Mensaje de"), ("fr", "Message écrit par")]
)
def test_a_fragment_of_a_page_needs_no_request(language: str, expected: str) -> None:
    assert not has_app_context()
    text = render_template_text(interface(language), "tool/_post.html", post=POST)
    assert expected in text
    assert "Ana &lt;Quispe&gt;" in text
    assert "<p>Hola</p>" in text


def test_a_cached_fragment_has_the_session_path_of_each_reader() -> None:
    cache = FragmentCache(100_000)
    for session_path in ("/l/first/", "/l/second/", "/l/first/"):
        text = render_template_text(
            interface("en"), "tool/_post.html", post=POST, fragment_cache=cache
        )
        html = encoded(text, {ANY_SESSION: session_path}).decode()
        assert f'href="{session_path}post/7"' in html
        assert ANY_SESSION not in html
    assert len(cache) == 1


@pytest.mark.parametrize("column", PostRow._fields)
def test_the_key_of_a_post_contains_each_column_that_is_shown(column: str) -> None:
    changed = replace(POST, row=POST.row._replace(**{column: 99}))
    if column in ("reply_count", "has_extras", "thread_read"):
        assert changed.key == POST.key
        assert rendered(changed) == rendered(POST)
    else:
        assert changed.key != POST.key


@pytest.mark.parametrize("field", [field.name for field in fields(PostView)])
def test_the_key_of_a_post_contains_all_that_differs_between_readers(field: str) -> None:
    if field in ("row", "ui"):  # the columns are tested above; the language is part of every key
        return
    changed = replace(POST, **{field: "another"})
    if field in ("replies", "more_replies_href", "reply_total"):
        assert changed.key == POST.key
        assert rendered(changed) == rendered(POST)
    else:
        assert changed.key != POST.key


def rendered(post: PostView) -> str:
    return render_template_text(interface("en"), "tool/_post.html", post=post)
