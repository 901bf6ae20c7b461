"""Collect, compile and check the message catalogs: ``python -m courseware.i18n.catalogs COMMAND``.

``update`` brings ``translations/<language>/LC_MESSAGES/minga.po`` up to date with templates and
code; ``compile`` writes the .mo files; ``check`` lists every message that is missing, fuzzy, no
longer used, or whose placeholders differ from the original's, and French ones whose spaces before
punctuation can break a line. The English catalog is filled in
automatically. Dates and line numbers are left out: a catalog changes only with its messages.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from courseware import resources
from courseware.i18n.messages import DOMAIN, LANGUAGES, path_of

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
# inside a URL or a time has no space after it, so it does not match.
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


def collect(root: Path) -> Catalog:
    """Return every message of the code and the templates under ``root``."""
    catalog = Catalog(project="Minga", domain=DOMAIN, charset="utf-8", fuzzy=False)
    options = {
        "**.html": {"trimmed": "true", "extensions": "courseware.fragment_cache.CacheExtension"}
    }
    for source in SOURCES:
        found = extract_from_dir(
            root / source, list(_METHODS), options, _KEYWORDS, comment_tags=("Translators:",)
        )
        for file, _, message, comments, context in found:
            catalog.add(
                message,
                locations=[(f"{source}/{Path(file).as_posix()}", 0)],
                auto_comments=comments,
                context=context,
            )
    return catalog


def load(path: Path, language: str) -> Catalog:
    """Read a catalog; an empty one if there is none yet."""
    if path.is_file():
        with path.open("rb") as stream:
            return read_po(stream, locale=language, domain=DOMAIN)
    return Catalog(locale=language, project="Minga", domain=DOMAIN, charset="utf-8", fuzzy=False)


def update(root: Path, translations: Path) -> None:
    """Bring every catalog up to date; messages no longer used are dropped."""
    template = collect(root)
    for language in LANGUAGES:
        path = path_of(translations, language)
        catalog = load(path, language)
        # A copy: Babel shares the template's message objects with the catalog.
        catalog.update(deepcopy(template), no_fuzzy_matching=True, update_header_comment=False)
        catalog.obsolete.clear()
        title = f"# The interface of Minga, in {Locale.parse(language).english_name}."
        catalog.header_comment = "\n".join((title, *_HEADER_NOTES.get(language, ())))
        if language == ORIGINAL:
            _copy_originals(catalog)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(serialize(catalog))


def _copy_originals(catalog: Catalog) -> None:
    for message in _messages(catalog):
        message.string = message.id


def serialize(catalog: Catalog) -> bytes:
    """Return the .po of a catalog: sorted, with file names but without line numbers and dates."""
    target = BytesIO()
    write_po(target, catalog, width=_WIDTH, sort_output=True, include_lineno=False)
    return _CHANGING.sub(b"", target.getvalue())


def compile_all(translations: Path) -> None:
    """Write the .mo beside each .po."""
    for language in LANGUAGES:
        compile_catalog(path_of(translations, language), language)


def compile_catalog(po: Path, language: str) -> Path:
    """Write the .mo beside a .po; return its path."""
    mo = po.with_suffix(".mo")
    _replace(mo, compiled(po, language), mode=po.stat().st_mode & 0o777)
    return mo


def compiled(po: Path, language: str) -> bytes:
    """Return the .mo of a .po, without fuzzy translations."""
    with po.open("rb") as stream:
        catalog = read_po(stream, locale=language, domain=DOMAIN)
    target = BytesIO()
    write_mo(target, catalog)
    return target.getvalue()


def _replace(path: Path, content: bytes, mode: int) -> None:
    """Write a file at once; several threads and processes may write it at the same time."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        part.chmod(mode)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def check(root: Path, translations: Path) -> Iterator[str]:
    """Yield a line for each error in the catalogs."""
    template = collect(root)
    for language in LANGUAGES:
        path = path_of(translations, language)
        name = f"{language}/{path.parent.name}/{path.name}"
        if not path.is_file():
            yield f"{name}: there is no such catalog. Run: make translations"
            continue
        catalog = load(path, language)
        for error in _check(template, catalog, language):
            yield f"{name}: {error}"


def _check(template: Catalog, catalog: Catalog, language: str) -> Iterator[str]:
    for wanted in _messages(template):
        message = catalog.get(wanted.id, wanted.context)
        original = _singular(wanted)
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
    for message in _messages(catalog):
        if template.get(message.id, message.context) is None:
            yield f'no longer used: "{_singular(message)}"'


def _messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def _forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def _singular(message: Message) -> str:
    return _forms(message.id)[0]


def _differences(message: Message) -> Iterator[str]:
    """Yield the differences in placeholders and tags between a translation and its original.

    A plural form may leave out the number (“one reply”), but nothing else.
    """
    originals = _forms(message.id)
    allowed = {name for text in originals for name in _PLACEHOLDER.findall(text)}
    needed = set.intersection(*(set(_PLACEHOLDER.findall(text)) for text in originals))
    for text in _forms(message.string):
        names = set(_PLACEHOLDER.findall(text))
        if names - allowed or (needed - {"n"}) - names or (len(originals) == 1 and needed - names):
            yield f'other placeholders in "{text}"'
        if _LONE_PERCENT.search(text):
            yield f'a single % in "{text}" (write %% for the sign)'
        if sorted(_TAG.findall(text)) != sorted(_TAG.findall(originals[0])):
            yield f'other tags in "{text}"'


def main(arguments: list[str]) -> int:
    """Run one of the three commands; return the exit code."""
    translations = resources.translations()
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
            print("python -m courseware.i18n.catalogs update | compile | check", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
