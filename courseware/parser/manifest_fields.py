"""Types of values in ``module.toml`` that several tables use: ids, media files, language tags."""

import re
from dataclasses import dataclass

from courseware.languages import normal
from courseware.parser.folder import MEDIA
from courseware.parser.lookalikes import described
from courseware.parser.report import listed, shown
from courseware.parser.toml_table import Table

ID_RULE = "Use the letters a to z, digits and hyphens, at most 64 signs in all."
TOP_KEYS = frozenset(("number", "version", "source_language", "languages", "minutes")) | frozenset(
    ("licence", "authors", "keywords", "cover")
)
"""Keys at the top of the file, which people write below a [ heading ] by mistake."""

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class MediaPath:
    """A file of ``media/``, and the line that names it."""

    path: str
    line: int | None


def identifier(table: Table, key: str, example: str) -> str:
    """Return an id; or "" and report the error."""
    value = table.text(key, example, required=True)
    if value is not None and not is_id(value):
        table.error(key, f'"{shown(value)}" cannot be an id{because(value)}.', ID_RULE)
        return ""
    return value or ""


def because(value: str) -> str:
    """Return the part of a message that names the look-alikes in a value; or ""."""
    found = [name for name, _ in described(value)]
    return f": it has {listed(found)}" if found else ""


def is_id(text: str) -> bool:
    """Tell whether ``text`` is a valid id."""
    return _ID.fullmatch(text) is not None


def media_path(table: Table, key: str, example: str) -> MediaPath | None:
    """Return the file of ``media/`` that a key names; None, and report it, if it names none."""
    value = table.text(key, example)
    if value is None:
        return None
    if "\\" in table.lines.source((*table.path, key)):
        table.error(
            key,
            f'The path of "{table.name(key)}" has a backslash (\\).',
            f'Write / instead of \\, like this: {key} = "{example}"',
        )
        return None
    inside = value.startswith(MEDIA) and not value.endswith("/")
    if not inside or "\\" in value or any(part in ("", ".", "..") for part in value.split("/")):
        table.error(
            key,
            f'"{shown(value)}" is not a file of the folder media/{because(value)}.',
            f'Put the file into media/ and write: {key} = "{example}"',
        )
        return None
    return MediaPath(value, table.line(key))


def is_tag(table: Table, key: str, tag: str) -> bool:
    """Tell whether ``tag`` is a language tag in canonical form; report it if not."""
    canonical = normal(tag)
    if canonical == tag:
        return True
    table.error(
        key,
        f'"{shown(tag)}" is not the tag of a language{because(tag)}.',
        f'Write "{canonical}".'
        if canonical
        else "Write the language's short code (BCP 47), such as es, en, fr, pt-BR or zh-Hant.",
    )
    return False


def check_file_or_url(table: Table) -> None:
    """Report a table that has both or neither of ``file`` and ``address``."""
    given = [key for key in ("file", "address") if key in table.values]
    if len(given) != 1:
        table.error(
            None,
            f'"{table.name("file").removesuffix(".file")}" has '
            + ("both a file and an address." if given else "neither a file nor an address."),
            "Keep one of the two."
            if given
            else 'Add a line, either file = "media/…" or address = "https://…"',
        )
