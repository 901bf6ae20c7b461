"""A small module in three languages, with one item of each kind."""

from pathlib import Path

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 24
MP4 = b"\0\0\0\x18ftypisom" + b"\0" * 400
PDF = b"%PDF-1.7\n%%EOF\n"
VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\nHola\n"
MARKET = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><path d="M0 0h4v3z"/></svg>'

_STRUCTURE = """\
id = "market"
number = 7
version = "1.2.0"
source_language = "es"
languages = ["es", "en", "ar"]
minutes = 65
licence = "CC-BY-4.0"
authors = ["Ana Paz"]
keywords = ["markets", "cooperatives & co"]

[title]
es = "El mercado"
en = "The market"
ar = "السوق"

[summary]
es = "Un mercado <abierto> & de todos."
en = "A market that belongs to all."

{sections}
[videos.film]
file = "media/film.mp4"
poster = "media/film.png"
seconds = 65

[videos.away]
address = "https://www.youtube.com/watch?v=abcdefghijk"

[readings.guide]
file = "media/guide.pdf"

[completion]
sections = {required}
questions = {questions}
{mastery}"""

_TEXTS = {
    "es": {
        "introduction": "# Introducción\n\n![mercado](../media/market.svg)\n\n"
        + "Un párrafo.\n\n" * 30,
        "videos": "# Videos\n\n## Una película {#film}\n\n## Otra {#away}\n",
        "readings": "# Lecturas\n\n## Guía {#guide}\n\n[Otra](https://example.org/)\n",
        "questions": "# Preguntas\n\n"
        "## ¿Quién compra? {#who-buys}\n\n## ¿Quién vende? {#who-sells}\n",
        "discussion": "# Foro\n\nEscribe aquí.\n",
    },
    "en": {
        "introduction": "# Introduction\n\n" + "A paragraph.\n\n" * 30,
        "videos": "# Videos\n\n## A film {#film}\n\n## Another {#away}\n",
        "readings": "# Readings\n\n## Guide {#guide}\n",
        "questions": "# Questions\n\n## Who buys? {#who-buys}\n\n## Who sells? {#who-sells}\n",
        "discussion": "# Forum\n\nWrite here.\n",
    },
    "ar": {
        "introduction": "# مقدمة\n\n" + "فقرة.\n\n" * 30,
        "videos": "# أفلام\n\n## فيلم {#film}\n\n## آخر {#away}\n",
        "readings": "# قراءات\n\n## دليل {#guide}\n",
        "questions": "# أسئلة\n\n## من يشتري؟ {#who-buys}\n\n## من يبيع؟ {#who-sells}\n",
        "discussion": "# منتدى\n\nاكتب هنا.\n",
    },
}

_MEDIA = {
    "market.svg": MARKET.encode(),
    "film.mp4": MP4,
    "film.png": PNG,
    "film.es.vtt": VTT,
    "film.en.vtt": VTT,
    "guide.pdf": PDF,
}

SECTIONS = ("introduction", "videos", "readings", "questions", "discussion")


def write_module(
    folder: Path, *, required: str = '"all"', questions: int = 0, mastery: int | None = None
) -> Path:
    """Write the module into ``folder / "market"`` and return that folder."""
    root = folder / "market"
    kinds = {"introduction": "text"}
    sections = "".join(
        f'[[sections]]\nid = "{name}"\nkind = "{kinds.get(name, name)}"\n\n' for name in SECTIONS
    )
    structure = _STRUCTURE.format(
        sections=sections,
        required=required,
        questions=questions,
        mastery=f"mastery = {mastery}\n" if mastery else "",
    )
    _write(root / "module.toml", structure.encode())
    for name, data in _MEDIA.items():
        _write(root / "media" / name, data)
    for language, texts in _TEXTS.items():
        for name, text in texts.items():
            _write(root / language / f"{name}.md", text.encode())
    return root


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
