"""Create a new module to start from: complete, without errors, with texts that explain themselves.

The texts are in a folder for each language that we have; other languages start with the English
texts.
"""

import json
import re
import secrets
import shutil
import tomllib
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from string import Template

from courseware.languages import normal
from courseware.parser.folder import MANIFEST

LANGUAGES = ("en", "es", "fr", "pt", "ar")
_FOLDER = Path(__file__).parent
_SECTIONS = ("introduction", "readings", "questions", "discussion")
_MAX_ID_LENGTH = 64

_STRUCTURE = Template("""\
# What depends on no language. Every key is explained in docs/author.md.

id = $id  # the folder's name; it never changes
version = "0.1.0"  # raise it when you publish a change
source_language = $source  # the language in which the module is written first
languages = $languages  # a folder for each, in the order in which readers are offered them
minutes = 30
licence = "CC-BY-4.0"
authors = [$author]
cover = "media/cover.svg"

[title]
$title

[summary]
$summary

[cover_text]
$cover_text

# The sections, in the order of the page. The texts of "introduction" are $tag/introduction.md.

[[sections]]
id = "introduction"
kind = "text"

[[sections]]
id = "readings"
kind = "readings"

[[sections]]
id = "questions"
kind = "questions"

[[sections]]
id = "discussion"
kind = "discussion"

[readings.markdown]
address = "https://commonmark.org/help/"
language = "en"

# To show a video: put it into media/ with its captions (film.$tag.vtt) and a picture, declare a
# section of the kind "videos", write "## Its title {#film}" into $tag/videos.md, and take the
# signs # away from these lines:
#
# [videos.film]
# file = "media/film.mp4"
# poster = "media/film.jpg"
# seconds = 90

[completion]
sections = "all"  # what must be seen, or a list such as ["introduction", "questions"]
questions = 0  # how many of the suggested questions must be answered
""")


class CannotBeginError(Exception):
    """Why no module can be created. The message is for the author."""


def begin(folder: Path, *, title: str = "", languages: Sequence[str] = (), author: str = "") -> str:
    """Write a new module into ``folder``, which must be empty or absent; return its id."""
    name = _id(folder.absolute().name)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotBeginError(
            f"{folder} is there already and not empty: nothing was touched. Choose another name."
        )
    tags = _tags(languages or ("en",))
    part = folder.absolute().with_name(f".{name}.{secrets.token_hex(4)}.part")
    try:
        _write(part, name, title, tags, author)
        part.replace(folder.absolute())
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return name


def _id(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MAX_ID_LENGTH].strip("-")
    if found != name:
        advice = f'"{found}", say' if found else "small letters from a to z, digits and hyphens"
        raise CannotBeginError(
            f"The folder's name is also the module's id, and \"{name}\" cannot be one. "
            f"Use {advice}."
        )
    return name


def _tags(languages: Sequence[str]) -> list[str]:
    for tag in languages:
        if normal(tag) is None:
            raise CannotBeginError(
                f'"{tag}" is not the short code of a language, such as es, pt-BR or ar.'
            )
    return list(dict.fromkeys(normal(tag) or tag for tag in languages))


def texts_of(tag: str) -> Path:
    """Return the folder with the first texts of a language."""
    plain = tag.partition("-")[0]
    return _FOLDER / (plain if plain in LANGUAGES else "en")


def _write(folder: Path, name: str, title: str, tags: list[str], author: str) -> None:
    (folder / "media").mkdir(parents=True)
    shutil.copyfile(_FOLDER / "cover.svg", folder / "media/cover.svg")
    for tag in tags:
        (folder / tag).mkdir()
        for section in _SECTIONS:
            shutil.copyfile(texts_of(tag) / f"{section}.md", folder / tag / f"{section}.md")
    (folder / MANIFEST).write_text(_structure(name, title, tags, author), "utf-8")


def _structure(name: str, title: str, tags: list[str], author: str) -> str:
    short = {tag: tomllib.loads((texts_of(tag) / "short.toml").read_text("utf-8")) for tag in tags}
    if _plain(title):
        short[tags[0]]["title"] = _plain(title)
    by_language = {
        key: "\n".join(f"{tag} = {_quoted(short[tag][key])}" for tag in tags)
        for key in ("title", "summary", "cover_text")
    }
    return _STRUCTURE.substitute(
        by_language,
        id=_quoted(name),
        source=_quoted(tags[0]),
        languages=f"[{', '.join(map(_quoted, tags))}]",
        author=_quoted(_plain(author) or "Your name"),
        tag=tags[0],
    )


def _quoted(text: str) -> str:
    """Return a TOML string, which is written like a JSON string."""
    return json.dumps(text, ensure_ascii=False)


def _plain(text: str) -> str:
    """Return the text on one line, without control characters."""
    return "".join(
        " " if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") else char for char in text
    ).strip()
