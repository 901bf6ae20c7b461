"""Template context of a sample discussion: three scripts, a deleted post, a held post."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup

BASE = "/l/abc/"
NOW = datetime.now(UTC)


def post(number: int, author: str, html: str, **changes: Any) -> SimpleNamespace:
    """A post view."""
    initials = "".join(word[0] for word in author.split()[:2])
    values: dict[str, Any] = {
        "id": number,
        "anchor": f"p{number}",
        "author": author,
        "author_title": None,
        "initials": initials,
        "tone": number % 2 + 1,
        "is_staff": False,
        "role_label": None,
        "created": NOW - timedelta(hours=number),
        "edited": None,
        "lang": "es",
        "dir": "ltr",
        "lang_name": "Español",
        "html": Markup(html),
        "deleted": False,
        "mine": False,
        "question_number": None,
        "question_href": None,
        "in_reply_to": None,
        "reply_href": f"?reply_to={number}#composer",
        "edit_href": None,
        "delete_href": None,
        "link_href": f"#p{number}",
        "depth": 0,
        "status": "shown",
        "replies": [],
        "more_replies_href": None,
        "reply_total": 0,
    }
    return SimpleNamespace(**(values | changes))


def threads(staff: str) -> list[SimpleNamespace]:
    """Two threads: a long one in three languages, and one with a deleted first post."""
    own = {"mine": True, "edit_href": "posts/4/edit", "delete_href": "posts/4/delete"}
    replies = [
        post(
            2,
            "Fatou N’Diaye",
            "<p>À Saint-Louis, c’est la mutuelle des pêcheurs qui a porté la "
            "même idée. Comment avez-vous convaincu le service des finances ?</p>",
            lang="fr",
            lang_name="Français",
            depth=1,
        ),
        post(
            3,
            "أمينة السعدي",
            "<p>في تطوان بدأنا بسوق صغيرة للحرفيات، ثم انضمت إلينا بلديتان "
            "مجاورتان من أجل <strong>التعاون</strong> (C2C).</p>",
            lang="ar",
            dir="rtl",
            lang_name="العربية",
            depth=1,
        ),
        post(
            4,
            "João Araújo",
            "<p>Concordo com a Fatou: o orçamento decide.</p>"
            "<ul><li>primeiro, o regulamento;</li><li>depois, as compras.</li></ul>",
            lang="pt",
            lang_name="Português",
            depth=2,
            in_reply_to=("Fatou N’Diaye", "#p2"),
            edited=NOW - timedelta(hours=1),
            **own,
        ),
    ]
    first = post(
        1,
        "María de los Ángeles Núñez Etcheverry",
        "<p>En Rosario abrimos las compras del municipio "
        "a cooperativas de barrio; nos lo contó primero la gente de Montevideo, que lo había "
        "probado dos años antes.</p><p>Véase https://www.example.org/una/direccion/larguisima/que-no-cabe-en-"
        "una-pantalla-pequeña/2026.</p>",
        is_staff=True,
        role_label=staff,
        question_number=1,
        question_href="#q-c2c",
        replies=replies,
        reply_total=14,
        more_replies_href="?thread=1#p1",
    )
    gone = post(
        9,
        "—",
        "",
        deleted=True,
        replies=[post(10, "Li Wei", "<p>Gracias por contarlo.</p>", depth=1, status="held")],
    )
    return [first, gone]


def composer(**changes: Any) -> SimpleNamespace:
    """A composer view."""
    values: dict[str, Any] = {
        "action": f"{BASE}posts",
        "draft_action": f"{BASE}draft",
        "saved_at": None,
        "other_drafts": (),
        "token": "token-of-the-page",
        "draft_key": "0" * 32,
        "text": "",
        "language": "",
        "languages": (
            (("es", "Español"), ("fr", "Français"), ("ar", "العربية")),
            (("sw", "Kiswahili"), ("ru", "Русский")),
        ),
        "question": None,
        "reply_to": None,
        "error": None,
        "cancel_href": f"{BASE}#composer",
        "author_name": "João Araújo",
        "audience": "Te leerán las personas de este curso.",
        "can_post": True,
        "why_not": "",
    }
    return SimpleNamespace(**(values | changes))


def chip(tag: str | None, name: str, count: int, current: bool = False) -> SimpleNamespace:
    """A language filter with its number of posts."""
    href = f"?languages={tag or ''}#discussion"
    return SimpleNamespace(tag=tag, name=name, count=count, href=href, current=current)


def discussion(**changes: Any) -> SimpleNamespace:
    """A discussion view with many posts."""
    values: dict[str, Any] = {
        "chips": [
            chip(None, "Todos", 1238, True),
            chip("es", "Español", 719),
            chip("en", "English", 309),
            chip("fr", "Français", 106),
            chip("pt", "Português", 60),
            chip("ar", "العربية", 44),
        ],
        "threads": threads("Docente"),
        "more_href": "?after=9",
        "newer_href": None,
        "total": 1238,
        "hidden": 0,
        "composer": composer(),
        "poll_href": f"{BASE}posts/new?since=10",
        "answers": {"c2c": (21, False), "sse": (17, True)},
        "refresh_href": f"{BASE}#discussion",
    }
    return SimpleNamespace(**(values | changes))
