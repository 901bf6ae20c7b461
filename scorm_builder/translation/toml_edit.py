"""Short texts put into ``module.toml`` without touching anything else in it.

The file is an author's, with comments and an order of its own, so it is edited line by line. What
comes out is read again: unless it says exactly what it should, nothing is changed.
"""

import json
import re
import tomllib
from collections.abc import Mapping

_LANGUAGES = re.compile(r"^(languages\s*=\s*\[)(.*?)(\s*,?\s*\])", re.MULTILINE | re.DOTALL)


def with_texts(text: str, language: str, texts: Mapping[str, str], *, listed: bool) -> str | None:
    """Return the file with ``texts`` (by the name of their table) in a language.

    The language is added to ``languages`` if it is to be ``listed``. None if it cannot be done.
    """
    wanted = tomllib.loads(text)
    result = text
    for table, words in texts.items():
        if not isinstance(wanted.get(table), dict):
            return None
        wanted[table][language] = words
        result = _with_line(result, table, language, words)
    if listed and language not in wanted.get("languages", []):
        wanted["languages"] = [*wanted.get("languages", []), language]
        added = json.dumps(language)
        result = _LANGUAGES.sub(lambda one: f"{one[1]}{one[2]}, {added}{one[3]}", result, count=1)
    try:
        return result if tomllib.loads(result) == wanted else None
    except ValueError:
        return None


def _with_line(text: str, table: str, language: str, words: str) -> str:
    lines = text.split("\n")
    header = re.compile(rf"\s*\[\s*{re.escape(table)}\s*\]\s*(?:#.*)?")
    own = re.compile(rf"\s*[\"']?{re.escape(language)}[\"']?\s*=")
    start = next((at for at, line in enumerate(lines) if header.fullmatch(line)), None)
    if start is None:
        return text
    last = start
    new = f"{language} = {quoted(words)}"
    for at in range(start + 1, len(lines)):
        if lines[at].lstrip().startswith("["):
            break
        if own.match(lines[at]):
            lines[at] = new
            return "\n".join(lines)
        if lines[at].strip() and not lines[at].lstrip().startswith("#"):
            last = at
    lines.insert(last + 1, new)
    return "\n".join(lines)


def quoted(words: str) -> str:
    """Return a string as TOML writes it."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")
