"""Templates are rendered without an application or a request, as the worker needs for mail."""

from datetime import UTC, datetime

import pytest
from flask import has_app_context
from markupsafe import Markup

from courseware.fragment_cache import FragmentCache
from courseware.i18n import interface
from lti_tool.discussion.view_models import PostView
from lti_tool.web.templates import ANY_SESSION, render_template_text

POST = PostView(
    id=7,
    anchor="p7",
    author_title=None,
    author="Ana <Quispe>",
    initials="AQ",
    tone=1,
    is_staff=False,
    role_label=None,
    created=datetime(2026, 3, 4, 5, 6, tzinfo=UTC),
    edited=None,
    lang="es",
    dir="ltr",
    lang_name="Español",
    html=Markup("<p>Hola</p>"),
    deleted=False,
    mine=False,
    question_number=None,
    question_href=None,
    in_reply_to=None,
    reply_href=None,
    edit_href=None,
    delete_href=None,
    history_href=None,
    link_href=f"{ANY_SESSION}post/7",
    depth=0,
    status="published",
    hidden_reason=None,
    unread=False,
    pinned=False,
    locked=False,
    mark=None,
    thread_id=7,
    sequence=1,
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
            interface("en"),
            "tool/_post.html",
            post=POST,
            placeholders={ANY_SESSION: session_path},
            fragment_cache=cache,
        )
        assert f'href="{session_path}post/7"' in text
        assert ANY_SESSION not in text
    assert len(cache) == 1
