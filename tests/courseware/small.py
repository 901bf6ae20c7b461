"""A small valid module, and a function to write one with changes."""

from collections.abc import Mapping
from pathlib import Path

from courseware.parser.reader import check

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 24
MP4 = b"\0\0\0\x18ftypisom" + b"\0" * 24
PDF = b"%PDF-1.7\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0"/></svg>'
VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\nHola\n"

MANIFEST_FILE = "module.toml"
MANIFEST = """\
id = "small"
number = 7
version = "1.0.0"
source_language = "es"
languages = ["es", "ar"]
minutes = 10
licence = "CC-BY-4.0"
authors = ["Ana"]
cover = "media/cover.svg"

[title]
es = "Pequeño"
ar = "صغير"

[summary]
es = "Un módulo pequeño."
ar = "وحدة صغيرة."

[cover_text]
es = "Un dibujo."
ar = "رسم."

[[sections]]
id = "introduction"
kind = "text"
letter = "a"

[[sections]]
id = "videos"
kind = "videos"

[[sections]]
id = "readings"
kind = "readings"

[[sections]]
id = "questions"
kind = "questions"

[[sections]]
id = "discussion"
kind = "discussion"

[videos.film]
file = "media/film.mp4"
poster = "media/film.png"
seconds = 65

[readings.guide]
file = "media/guide.pdf"
language = "en"

[readings.site]
address = "https://example.org/paper"

[completion]
sections = ["introduction", "questions"]
questions = 1

[discussion]
guests = "read"
must_post_first = false
"""

_SPANISH = {
    "introduction": "# Introducción\n\nMira el ![mapa](../media/map.png) y "
    "[el video](videos.md#film).\n\n## Más {#more}\n\nFin.\n",
    "videos": "# Videos\n\nHay uno.\n\n## Película {#film}\n\nUna nota.\n",
    "readings": "# Lecturas\n\n## Guía {#guide}\n\n## Sitio {#site}\n\nUn texto.\n",
    "questions": "# Preguntas\n\n## ¿Por qué? {#why}\n\n## ¿Cómo? {#how}\n\nDi cómo.\n",
    "discussion": "# Foro\n\nEscribe en tu lengua.\n",
    "film.transcript": "# Transcripción\n\nHola.\n",
}
_ARABIC = {
    "introduction": "# مقدمة\n\nنص.\n",
    "videos": "# فيديو\n\n## فيلم {#film}\n",
    "readings": "# قراءات\n\n## دليل {#guide}\n\n## موقع {#site}\n",
    "questions": "# أسئلة\n\n## لماذا؟ {#why}\n\n## كيف؟ {#how}\n",
    "discussion": "# منتدى\n\nاكتب.\n",
    "film.transcript": "مرحبا.\n",
}

SMALL: dict[str, str | bytes] = {
    "module.toml": MANIFEST,
    **{f"es/{name}.md": text for name, text in _SPANISH.items()},
    **{f"ar/{name}.md": text for name, text in _ARABIC.items()},
    "media/cover.svg": SVG,
    "media/film.mp4": MP4,
    "media/film.png": PNG,
    "media/film.es.vtt": VTT,
    "media/film.ar.vtt": VTT,
    "media/guide.pdf": PDF,
    "media/map.png": PNG,
}

SECTIONS = MANIFEST[MANIFEST.index("[[sections]]") : MANIFEST.index("[videos.film]")]

Line = tuple[str, str]
Files = Mapping[str, str | bytes | None]


def write_module(folder: Path, changes: Files | None = None) -> Path:
    """Write the small module with ``changes``: other contents by path, None to leave a file out."""
    for name, content in {**SMALL, **(changes or {})}.items():
        if content is None:
            continue
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def toml(*changes: tuple[str, str]) -> dict[str, str | bytes | None]:
    """Return ``module.toml`` with each first text replaced by the second."""
    text = MANIFEST
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return {MANIFEST_FILE: text}


def es(section: str, text: str | bytes | None) -> dict[str, str | bytes | None]:
    """Return another text for a section in Spanish, the source language."""
    return {f"es/{section}.md": text}


def problems_of(folder: Path) -> list[Line]:
    """Return the problems of a folder: each one's line without the remedy, and the remedy."""
    lines = [(str(problem), problem.remedy) for problem in check(folder)]
    return [(line.removesuffix(f" {remedy}"), remedy) for line, remedy in lines]
