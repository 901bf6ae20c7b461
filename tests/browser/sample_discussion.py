"""Template context of a sample discussion: three scripts, a deleted post, a held post."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup

from courseware.i18n import interface
from lti_tool.discussion.reactions import Reaction
from lti_tool.discussion.selects import PostRow
from lti_tool.discussion.view_models import (
    Chip,
    ComposerView,
    DiscussionView,
    FileView,
    FilterForm,
    FormView,
    PostView,
    SummaryView,
    TranslationView,
    UnreadView,
)

BASE = "/l/abc/"
PIXEL = "/static/icon.svg"
NOW = datetime.now(UTC)


def row(number: int, author: str, html: str, **changes: Any) -> PostRow:
    """The row of a post."""
    values: dict[str, Any] = {
        **dict.fromkeys(PostRow._fields),
        "id": number,
        "discussion_id": 1,
        "group_id": 0,
        "author_name": author,
        "author_role": "participant",
        "anonymous": False,
        "language": "es",
        "status": "published",
        "sequence": number,
        "created_at": NOW - timedelta(hours=number),
        "html": html,
        "reply_count": 0,
    }
    return PostRow(**(values | changes))


def post(number: int, author: str, html: str, **changes: Any) -> PostView:
    """A post view; ``changes`` are fields of it or of its row."""
    of_row = {name: changes.pop(name) for name in PostRow._fields if name in changes}
    values: dict[str, Any] = {
        "row": row(number, author, html, **of_row),
        "ui": interface("es"),
        "visible": True,
        "link_href": f"#p{number}",
        "may_reply": True,
        "may_react": True,
        "may_translate": True,
        "may_report": True,
        "may_moderate": True,
        "files": (PICTURE, PAPER) if number == 2 else (),
        "reactions": (Reaction("thanks", 3, True), Reaction("agree", 12, False))
        if number == 1
        else (),
    }
    return PostView(**(values | changes))


def threads() -> list[PostView]:
    """Two threads: a long one in three languages, and one with a deleted first post."""
    replies = [
        post(
            2,
            "Fatou N’Diaye",
            "<p>À Saint-Louis, c’est la mutuelle des pêcheurs qui a porté la "
            "même idée. Comment avez-vous convaincu le service des finances ?</p>",
            language="fr",
            thread_id=1,
            unread=True,
            mark="answer",
        ),
        post(
            3,
            "أمينة السعدي",
            "<p>في تطوان بدأنا بسوق صغيرة للحرفيات، ثم انضمت إلينا بلديتان "
            "مجاورتان من أجل <strong>التعاون</strong> (C2C).</p>",
            language="ar",
            thread_id=1,
            translation=TRANSLATION,
        ),
        post(
            4,
            "João Araújo",
            "<p>Concordo com a Fatou: o orçamento decide.</p>"
            "<ul><li>primeiro, o regulamento;</li><li>depois, as compras.</li></ul>",
            language="pt",
            thread_id=1,
            answered_name="Fatou N’Diaye",
            answered_role="participant",
            answered_status="published",
            answered_href="#p2",
            edited_at=NOW - timedelta(hours=1),
            own=True,
            may_edit=True,
            may_delete=True,
        ),
    ]
    first = post(
        1,
        "María de los Ángeles Núñez Etcheverry",
        "<p>En Rosario abrimos las compras del municipio "
        "a cooperativas de barrio; nos lo contó primero la gente de Montevideo, que lo había "
        "probado dos años antes.</p><p>Véase https://www.example.org/una/direccion/larguisima/que-no-cabe-en-"
        "una-pantalla-pequeña/2026.</p>",
        author_role="instructor",
        pinned_at=NOW,
        locked_at=NOW,
        unread=True,
        may_see_history=True,
        group_name="Grupo de los municipios del litoral",
        question=(1, "#q-c2c"),
        replies=replies,
        reply_total=14,
        more_replies_href="?thread=1#p1",
    )
    gone = post(
        9,
        "—",
        "",
        visible=False,
        status="deleted",
        replies=[post(10, "Li Wei", "<p>Gracias por contarlo.</p>", thread_id=9, status="held")],
    )
    hidden = post(
        11,
        "João Araújo",
        "<p>Compren en mi tienda.</p>",
        own=True,
        pending="Un docente todavía no ha visto este cambio.",
        status="hidden",
        hidden_reason="Aquí no se anuncian negocios.",
    )
    return [first, gone, hidden]


def filters() -> FilterForm:
    """The form that chooses what is listed, with a question that has a long title."""
    title = "¿Puede la cooperación Sur-Sur fortalecer la cooperación entre ciudades vecinas?"
    question = SimpleNamespace(id="c2c", number=1, title=title)
    return FilterForm(
        action=f"{BASE}list",
        posts="es fr",
        questions=(question,),  # type: ignore[arg-type]
        question="c2c",
        by="staff",
        unanswered=True,
        order="newest",
        languages=[chip(tag, name, count) for tag, name, count in LANGUAGES],
        remembers=True,
        changed=True,
        groups=GROUPS,
        group=2,
    )


def form_view(**changes: Any) -> FormView:
    """What the forms have in common."""
    return FormView(f"{BASE}attach", f"{BASE}preview", f"{BASE}people", **changes)


LANGUAGES = (
    ("es", "Español", 719),
    ("en", "English", 309),
    ("fr", "Français", 106),
    ("pt", "Português", 60),
    ("ar", "العربية", 44),
)
GROUPS = ((1, "Grupo 1"), (2, "Grupo de los municipios del litoral"))
TRANSLATION = TranslationView(
    lang="es",
    dir="ltr",
    lang_name="Español",
    source_lang="ar",
    source_name="العربية",
    provider="LibreTranslate",
    html=Markup("<p>En Tetuán empezamos con un pequeño mercado de artesanas.</p>"),
)
PICTURE = FileView(1, PIXEL, "mercado-de-la-terminal.jpg", "JPG", 183_000, "Un puesto", 1200, 800)
PAPER = FileView(2, "#", "acta-de-la-asamblea.pdf", "PDF", 2_400_000, "", None, None)


def composer(**changes: Any) -> ComposerView:
    """A composer view."""
    values: dict[str, Any] = {
        "action": f"{BASE}posts",
        "draft_action": f"{BASE}draft",
        "draft_scope": f"{BASE}posts 7",
        "saved_at": None,
        "other_drafts": (),
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
        "groups": GROUPS,
        "form": form_view(),
    }
    return ComposerView(**(values | changes))


def chip(tag: str | None, name: str, count: int, current: bool = False) -> Chip:
    """A language filter with its number of posts."""
    href = f"?languages={tag or ''}#discussion"
    return Chip(tag=tag, name=name, count=count, href=href, current=current)


def discussion(**changes: Any) -> DiscussionView:
    """A discussion view with many posts."""
    values: dict[str, Any] = {
        "chips": [
            chip(None, "Todos", 1238, True),
            *(chip(tag, name, count) for tag, name, count in LANGUAGES),
        ],
        "threads": threads(),
        "more_href": "?after=9",
        "newer_href": None,
        "total": 1238,
        "hidden": 4,
        "filtered": True,
        "all_href": "?",
        "filters": filters(),
        "unread": UnreadView(f"{BASE}read", 11, f"{BASE}unread", count=12, since_visit=7),
        "composer": composer(),
        "poll_href": f"{BASE}posts/new?since=10",
        "answers": {"c2c": (21, False), "sse": (17, True)},
        "refresh_href": f"{BASE}#discussion",
        "translate_fields": {"into": "es"},
        "summary": SummaryView(
            week=NOW.date(),
            lang="es",
            dir="ltr",
            html=Markup("<p>Se habló de <strong>compras municipales</strong> y de pesca.</p>"),
            others=(("fr", "Français", "#"), ("ar", "العربية", "#")),
            all_href=f"{BASE}summaries",
            edit_href=f"{BASE}summaries/edit",
        ),
        "tools": (("Moderación", "#"), ("Participación", "#"), ("Grupos", "#")),
    }
    return DiscussionView(**(values | changes))
