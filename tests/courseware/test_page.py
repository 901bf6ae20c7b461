"""The page of a module in a language, with fallback to the source language."""

from pathlib import Path

import pytest

from courseware.page import Page, PageLanguage, PageSection, build
from courseware.parser.reader import read
from courseware.sections.videos import Track
from tests.courseware.conftest import Write
from tests.courseware.small import MANIFEST, es, toml


def url(path: str) -> str:
    return f"/m/{path}"


def page(folder: Path, language: str) -> Page:
    return build(read(folder), language, media=url)


def section(shown: Page, section_id: str) -> PageSection:
    return next(one for one in shown.sections if one.id == section_id)


def test_the_facts_of_the_module(small: Path) -> None:
    shown = page(small, "es")
    assert (shown.module_id, shown.number, shown.version) == ("small", 7, "1.0.0")
    assert (shown.title, shown.summary, shown.series) == ("Pequeño", "Un módulo pequeño.", None)
    assert (shown.title_lang, shown.summary_lang) == ("es", "es")
    assert (shown.minutes, shown.authors, shown.keywords) == (10, ("Ana",), ())
    assert (shown.cover, shown.cover_text) == ("/m/media/cover.svg", "Un dibujo.")
    assert (shown.licence, shown.licence_name) == ("CC-BY-4.0", "CC BY 4.0")
    assert shown.licence_url == "https://creativecommons.org/licenses/by/4.0/"
    assert shown.questions_required == 1


@pytest.mark.parametrize(
    ("language", "asked", "lang", "dir_", "fallback"),
    [
        ("es", "es", "es", "ltr", False),
        ("es-419", "es-419", "es", "ltr", False),
        ("ar_EG", "ar-EG", "ar", "rtl", False),
        ("fr", "fr", "es", "ltr", True),
        ("not a tag", "es", "es", "ltr", True),
    ],
)
def test_the_language_of_the_page(
    small: Path, language: str, asked: str, lang: str, dir_: str, fallback: bool
) -> None:
    shown = page(small, language)
    assert (shown.asked, shown.lang, shown.dir, shown.fallback) == (asked, lang, dir_, fallback)


def test_languages_have_their_endonyms(small: Path) -> None:
    assert page(small, "ar").languages == (
        PageLanguage("es", "Español", "ltr", False),
        PageLanguage("ar", "العربية", "rtl", True),
    )


def test_sections(small: Path) -> None:
    assert [
        (one.id, one.kind.name, one.letter, one.title, one.required)
        for one in page(small, "es").sections
    ] == [
        ("introduction", "text", "a", "Introducción", True),
        ("videos", "videos", None, "Videos", False),
        ("readings", "readings", None, "Lecturas", False),
        ("questions", "questions", None, "Preguntas", True),
        ("discussion", "discussion", None, "Foro", False),
    ]


def test_urls_of_links_and_pictures(write: Write) -> None:
    text = (
        "# I\n\n![m](../media/map.png) [v](videos.md#film) [l](#guide) [q](#why) [s](videos.md)\n"
        "[h](#more) [f](../media/guide.pdf) [w](https://example.org/)\n\n## M {#more}\n"
    )
    html = section(page(write(es("introduction", text)), "es"), "introduction").html
    for expected in (
        'src="/m/media/map.png"',
        'href="#v-film"',
        'href="#r-guide"',
        'href="#q-why"',
        'href="#videos"',
        'href="#h-more"',
        'id="h-more"',
        'href="/m/media/guide.pdf"',
        'href="https://example.org/"',
    ):
        assert expected in html


def test_a_local_video(small: Path) -> None:
    (video,) = section(page(small, "ar"), "videos").items
    assert (video.provider, video.src, video.media_type) == (
        "local",
        "/m/media/film.mp4",
        "video/mp4",
    )
    assert (video.poster, video.size, video.seconds) == ("/m/media/film.png", 36, 65)
    assert video.tracks == (
        Track("es", "Español", "/m/media/film.es.vtt", False),
        Track("ar", "العربية", "/m/media/film.ar.vtt", True),
    )
    assert (video.transcript, video.transcript_lang, video.transcript_dir) == (
        "<p>مرحبا.</p>\n",
        "ar",
        "rtl",
    )
    assert (video.embed, video.watch) == (None, None)


def test_a_remote_video(write: Write) -> None:
    remote = toml(('file = "media/film.mp4"', 'address = "https://vimeo.com/76979871"'))
    (video,) = section(page(write(remote), "es"), "videos").items
    assert (video.provider, video.provider_name, video.src) == ("vimeo", "Vimeo", None)
    assert video.embed == "https://player.vimeo.com/video/76979871?dnt=1"
    assert video.watch == "https://vimeo.com/76979871"
    assert video.tracks == ()
    assert video.transcript == "<p>Hola.</p>\n"


def test_readings(small: Path) -> None:
    guide, site = section(page(small, "es"), "readings").items
    assert (guide.href, guide.local, guide.type_name, guide.size) == (
        "/m/media/guide.pdf",
        True,
        "PDF",
        15,
    )
    assert (guide.language, guide.language_name, guide.host) == ("en", "English", None)
    assert (site.href, site.local, site.host) == (
        "https://example.org/paper",
        False,
        "example.org",
    )
    assert (site.type_name, site.size, site.language) == (None, None, None)


def test_questions_are_numbered_through_the_page(write: Write) -> None:
    more = toml(
        (
            'id = "discussion"\n',
            'id = "last"\nkind = "questions"\n[[sections]]\nid = "discussion"\n',
        )
    )
    folder = write({**more, "es/last.md": "# Final\n\n## ¿Y ahora? {#now}\n"})
    shown = page(folder, "es")
    assert [(one.id, one.number) for one in section(shown, "questions").questions] == [
        ("why", 1),
        ("how", 2),
    ]
    assert [(one.id, one.number) for one in section(shown, "last").questions] == [("now", 3)]


def test_untranslated_parts_fall_back_one_by_one(write: Write) -> None:
    shown = page(
        write(
            {
                "ar/introduction.md": None,
                "ar/questions.md": "# أسئلة\n\n## لماذا؟ {#why}\n",
                "ar/film.transcript.md": None,
                **toml(('ar = "صغير"\n', "")),
            }
        ),
        "ar",
    )
    assert (shown.lang, shown.title, shown.title_lang) == ("ar", "Pequeño", "es")
    introduction = section(shown, "introduction")
    assert (introduction.lang, introduction.dir, introduction.fallback) == ("es", "ltr", True)
    assert introduction.title == "Introducción"
    questions = section(shown, "questions")
    assert (questions.lang, questions.fallback) == ("ar", False)
    assert [(one.lang, one.dir, one.title) for one in questions.questions] == [
        ("ar", "rtl", "لماذا؟"),
        ("es", "ltr", "¿Cómo?"),
    ]
    assert questions.questions[1].html == "<p>Di cómo.</p>\n"
    (video,) = section(shown, "videos").items
    assert (video.lang, video.transcript, video.transcript_lang) == ("ar", "<p>Hola.</p>\n", "es")


def test_media_is_called_for_every_file_of_the_page(small: Path) -> None:
    asked: set[str] = set()

    def media(path: str) -> str:
        asked.add(path)
        return path

    module = read(small)
    for language in module.languages:
        build(module, language, media=media)
    assert asked == {file.path for file in module.files}
    assert MANIFEST.count("media/") <= len(asked)
