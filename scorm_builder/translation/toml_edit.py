"""Insert translated texts into ``module.toml`` and leave the rest of the file as it is.

The author's comments and order are preserved, because the file is edited line by line. The result
is parsed, and used only if it has exactly the expected values.
"""

import json
import re
import tomllib
from collections.abc import Mapping

_LANGUAGES = re.compile(r"^(languages\s*=\s*\[)(.*?)(\s*,?\s*\])", re.MULTILINE | re.DOTALL)


def with_texts(text: str, language: str, texts: Mapping[str, str], *, listed: bool) -> str | None:
    """Return the file with ``texts`` (by table name) in a language; None if it cannot be edited.

    ``listed`` adds the language to ``languages``.
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


def quoted(text: str) -> str:
    """Return a TOML string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
