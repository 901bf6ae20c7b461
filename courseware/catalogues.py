"""The catalogues of translations: gathered from the code, compiled, and checked.

``python -m courseware.catalogues update`` brings ``translations/<language>/LC_MESSAGES/minga.po``
up to date with what templates and code say; ``compile`` writes the .mo files; ``check`` lists every
message that is not translated, not certain, no longer used, or has other placeholders than the
original, or other spaces than French typography asks for. English fills itself in. No dates and no
line numbers are written, so a catalogue changes only where its words do.
"""

import re
import sys
from collections.abc import Iterator
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from courseware import places
from courseware.interface import DOMAIN, LANGUAGES
from courseware.po import compile_po

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

SOURCES = ("templates", "courseware", "scorm_builder", "lti_tool")
ORIGINAL = "en"

_KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "N_": None,
    "lazy": None,
    "words": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_METHODS = (("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2"))
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
_LONE_PERCENT = re.compile(r"%(?!\(\w+\)[sd]|%)")
_TAG = re.compile(r"</?[a-z][^>]*>")
# U+00A0 before a colon and inside guillemets, U+202F before ; ! ?: no line may break there. A colon
# inside a URL or a time has no space after it, so it is not meant.
FRENCH_SPACE = re.compile(r"(?<!\u00a0)(?::(?=\s|$)|»)|(?<!\u202f)[;!?]|«(?!\u00a0)")
_HEADER_NOTES = {
    "ar": (
        "#",
        "# Plural forms: the formula is Babel's (CLDR). msgstr[4] is for 100-102, 200-202, ….",
        "# msgstr[5] is for 11-99. Weblate and Poedit write these two in the other order: a tool",
        "# that replaces the Plural-Forms line must also swap msgstr[4] and msgstr[5].",
    )
}
_CHANGING = re.compile(
    rb'^"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Report-Msgid-Bugs-To|Last-Translator'
    rb"|Language-Team):.*\n",
    re.MULTILINE,
)
_WIDTH = 100


def gather(root: Path) -> "Catalog":
    """Return every message that the code and the templates under ``root`` show."""
    from babel.messages.catalog import Catalog
    from babel.messages.extract import extract_from_dir

    catalogue = Catalog(project="Minga", domain=DOMAIN, charset="utf-8", fuzzy=False)
    options = {"**.html": {"trimmed": "true", "extensions": "courseware.kept.KeptParts"}}
    for source in SOURCES:
        found = extract_from_dir(
            root / source, list(_METHODS), options, _KEYWORDS, comment_tags=("Translators:",)
        )
        for file, _, message, comments, context in found:
            catalogue.add(
                message,
                locations=[(f"{source}/{Path(file).as_posix()}", 0)],
                auto_comments=comments,
                context=context,
            )
    return catalogue


def path_of(root: Path, language: str) -> Path:
    """Return where the catalogue of a language is kept, below the folder of translations."""
    return root / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def load(path: Path, language: str) -> "Catalog":
    """Return a catalogue, empty if there is none yet."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    if path.is_file():
        with path.open("rb") as stream:
            return read_po(stream, locale=language, domain=DOMAIN)
    return Catalog(locale=language, project="Minga", domain=DOMAIN, charset="utf-8", fuzzy=False)


def update(root: Path, translations: Path) -> None:
    """Bring every catalogue up to date. What is no longer used is dropped: Git remembers it."""
    template = gather(root)
    for language in LANGUAGES:
        path = path_of(translations, language)
        catalogue = load(path, language)
        # A copy: Babel puts the template's own messages into the catalogue.
        catalogue.update(deepcopy(template), no_fuzzy_matching=True, update_header_comment=False)
        catalogue.obsolete.clear()
        title = f"# The interface of Minga, in {catalogue.locale.english_name}."
        catalogue.header_comment = "\n".join((title, *_HEADER_NOTES.get(language, ())))
        if language == ORIGINAL:
            _fill_in(catalogue)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(catalogue))


def _fill_in(catalogue: "Catalog") -> None:
    for message in _messages(catalogue):
        message.string = message.id


def written(catalogue: "Catalog") -> bytes:
    """Return a catalogue as it is kept: sorted, with files but without lines and dates."""
    from babel.messages.pofile import write_po

    target = BytesIO()
    write_po(target, catalogue, width=_WIDTH, sort_output=True, include_lineno=False)
    return _CHANGING.sub(b"", target.getvalue())


def compile_all(translations: Path) -> None:
    """Write the .mo beside each .po, so that nothing has to be compiled at a start."""
    for language in LANGUAGES:
        path = path_of(translations, language)
        path.with_suffix(".mo").write_bytes(compile_po(path.read_bytes()))


def check(root: Path, translations: Path) -> Iterator[str]:
    """Yield a line for everything that is wrong with the catalogues."""
    template = gather(root)
    for language in LANGUAGES:
        path = path_of(translations, language)
        name = f"{language}/{path.parent.name}/{path.name}"
        if not path.is_file():
            yield f"{name}: there is no such catalogue. Run: python -m courseware.catalogues update"
            continue
        catalogue = load(path, language)
        for said in _check(template, catalogue, language):
            yield f"{name}: {said}"


def _check(template: "Catalog", catalogue: "Catalog", language: str) -> Iterator[str]:
    for wanted in _messages(template):
        message = catalogue.get(wanted.id, wanted.context)
        original = _one(wanted)
        if message is None or not all(_forms(message.string)):
            yield f'missing: "{original}"'
        elif message.fuzzy:
            yield f'not certain (fuzzy): "{original}"'
        else:
            for difference in _differences(message):
                yield f'{difference}: "{original}"'
            if language == "fr":
                for text in _forms(message.string):
                    if FRENCH_SPACE.search(text):
                        yield f'not a French space before : ; ! ? or in « »: "{text}"'
    for message in _messages(catalogue):
        if template.get(message.id, message.context) is None:
            yield f'no longer used: "{_one(message)}"'


def _messages(catalogue: "Catalog") -> list["Message"]:
    return [message for message in catalogue if message.id]


def _forms(text: "str | tuple[str, ...] | list[str] | None") -> tuple[str, ...]:
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def _one(message: "Message") -> str:
    return _forms(message.id)[0]


def _differences(message: "Message") -> Iterator[str]:
    """Tell what a translation has that its original has not, and the other way round.

    A plural form may leave out the number (“one reply”), but nothing else.
    """
    originals = _forms(message.id)
    known = {name for text in originals for name in _PLACEHOLDER.findall(text)}
    needed = set.intersection(*(set(_PLACEHOLDER.findall(text)) for text in originals))
    for text in _forms(message.string):
        names = set(_PLACEHOLDER.findall(text))
        if names - known or (needed - {"n"}) - names or (len(originals) == 1 and needed - names):
            yield f'other placeholders in "{text}"'
        if _LONE_PERCENT.search(text):
            yield f'a single % in "{text}" (write %% for the sign)'
        if sorted(_TAG.findall(text)) != sorted(_TAG.findall(originals[0])):
            yield f'other tags in "{text}"'


def main(arguments: list[str]) -> int:
    """Run one of the three commands; return the exit code."""
    translations = places.translations()
    root = translations.parent
    match arguments:
        case ["update"]:
            update(root, translations)
        case ["compile"]:
            compile_all(translations)
        case ["check"]:
            wrong = list(check(root, translations))
            print(*wrong, sep="\n", end="\n" if wrong else "")
            return 1 if wrong else 0
        case _:
            print("python -m courseware.catalogues update | compile | check", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
