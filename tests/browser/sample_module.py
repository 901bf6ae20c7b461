"""Template context of a sample module: long titles, all kinds of sections, one untranslated."""

from typing import Any

from markupsafe import Markup

from courseware import sections
from courseware.page import Page, PageLanguage, PageSection
from courseware.page_view import PageItem
from courseware.sections.readings import PageReading
from courseware.sections.videos import PageVideo, Track

INTRODUCTION = """
<p>Las ciudades aprenden unas de otras. Cuando dos gobiernos locales comparten lo que les
funcionó —una feria de productores, un reglamento de compras públicas, una escuela taller—
ninguno enseña y ninguno obedece: <strong>intercambian como pares</strong>.</p>
<ul><li>el <em>desarrollo económico local</em>;</li><li>la cooperación entre ciudades;</li>
<li>la <a href="https://example.org/ess">economía social y solidaria</a>.</li></ul>
<h3>Por qué entre pares</h3><blockquote><p>Nadie sabe tanto que no pueda aprender.</p></blockquote>
<table><thead><tr><th>Camino</th><th>Quiénes</th><th>Qué se intercambia</th></tr></thead><tbody>
<tr><td>Sur-Sur</td><td>ciudades de países del Sur</td><td>prácticas que dieron resultado</td></tr>
<tr><td>triangular</td><td>además, un socio del Norte</td><td>recursos, acompañamiento</td></tr>
</tbody></table>
"""
SHORT: dict[str, Any] = {"html": Markup(), "lang": "es", "dir": "ltr"}


def _section(
    name: str, letter: str | None, title: str, html: str, kind: str | None = None, **changes: Any
) -> PageSection:
    values: dict[str, Any] = {
        "id": name,
        "kind": sections.get(kind or name),
        "letter": letter,
        "title": title,
        "html": Markup(html),
        "lang": "es",
        "dir": "ltr",
        "fallback": False,
        "required": letter is not None,
        "items": (),
    }
    return PageSection(**(values | changes))


def _videos() -> tuple[PageVideo, ...]:
    tracks = [("es", "Español"), ("en", "English"), ("fr", "Français"), ("pt", "Português")]
    nothing: dict[str, Any] = {"transcript": None, "transcript_lang": "es", "transcript_dir": "ltr"}
    return (
        PageVideo(
            id="short",
            number=0,
            title="Tres minutos sobre la cooperación entre pares",
            provider="local",
            provider_name="",
            src="/media/short.mp4",
            media_type="video/mp4",
            size=2_600_000,
            poster="/media/short.svg",
            seconds=150,
            embed=None,
            watch=None,
            **SHORT,
            tracks=tuple(
                Track(tag, name, f"/media/{tag}.vtt", tag == "es") for tag, name in tracks
            ),
            transcript=Markup("<p>Dos ciudades, una pregunta.</p>"),
            transcript_lang="es",
            transcript_dir="ltr",
        ),
        PageVideo(
            id="far",
            number=0,
            title="Una conversación entre Rosario y Montevideo",
            provider="youtube",
            provider_name="YouTube",
            src=None,
            media_type=None,
            size=None,
            poster=None,
            seconds=312,
            tracks=(),
            embed="https://www.youtube-nocookie.com/embed/abcdefghijk",
            watch="https://www.youtube.com/watch?v=abcdefghijk",
            **SHORT,
            **nothing,
        ),
    )


def _readings() -> tuple[PageReading, ...]:
    note = {"html": Markup("<p>Los capítulos 2 y 3 bastan para participar.</p>"), "dir": "ltr"}
    return (
        PageReading(
            id="guide",
            number=0,
            title="Guía de compras públicas con criterio local",
            lang="es",
            href="/media/guide.pdf",
            local=True,
            type_name="PDF",
            size=480_000,
            host=None,
            language="es",
            language_name="Español",
            **note,
        ),
        PageReading(
            id="decent-work",
            number=0,
            title="Decent work",
            lang="es",
            local=False,
            type_name=None,
            href="https://www.ilo.org/global/topics/decent-work/index.htm",
            size=None,
            host="www.ilo.org",
            language="en",
            language_name="English",
            **note,
        ),
    )


def module_page(language: str) -> Page:
    """A module in Spanish, with one section in English only, for a reader of ``language``."""
    questions = (
        PageItem(
            "c2c",
            1,
            "¿Puede la cooperación Sur-Sur fortalecer la cooperación entre ciudades?",
            Markup("<p>¿Es esta una forma de aquella?</p>"),
            "es",
            "ltr",
        ),
        PageItem(
            "sse",
            2,
            "¿Es la economía social y solidaria compatible con la cooperación Sur-Sur?",
            **SHORT,
        ),
    )
    notice = "<p>Escribe en el idioma que prefieras.</p>"
    languages = [("es", "Español"), ("en", "English"), ("fr", "Français"), ("pt", "Português")]
    return Page(
        module_id="sample",
        number=4,
        version="1.0.0",
        series="Academia CSSyT",
        series_lang="es",
        title="Cooperación entre ciudades y desarrollo económico local",
        title_lang="es",
        lang="es",
        dir="ltr",
        summary="Cómo las ciudades aprenden unas de otras, de igual a igual, y qué gana con ello "
        "el trabajo decente.",
        summary_lang="es",
        minutes=45,
        asked=language,
        fallback=language != "es",
        cover=None,
        cover_text="",
        authors=("The Minga authors",),
        licence="CC-BY-4.0",
        keywords=(),
        licence_name="Creative Commons Attribution 4.0",
        questions_required=0,
        licence_url="https://creativecommons.org/licenses/by/4.0/",
        languages=tuple(PageLanguage(tag, name, "ltr", tag == "es") for tag, name in languages),
        sections=(
            _section("introduction", "a", "Texto introductorio", INTRODUCTION, kind="text"),
            _section("videos", "b", "Videos", "<p>Dos miradas cortas.</p>", items=_videos()),
            _section(
                "readings",
                "c",
                "Readings and resources",
                "<p>To read on.</p>",
                lang="en",
                fallback=True,
                items=_readings(),
            ),
            _section("questions", "d", "Preguntas sugeridas", "", items=questions),
            _section("discussion", None, "Foro de discusión: Academia CSSyT, módulo 4", notice),
        ),
    )
