"""What the texts of a language were translated from: ``<language>/.translated.toml``.

For each text, the marks of the source's paragraphs at the time, in their order. If the source's
marks are other ones today, the translation is out of date, and the marks tell which paragraphs.
The file belongs to the module and is kept with it.
"""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

from scorm_builder.zip_writer import replace_when_done

NAME = ".translated.toml"
_HEAD = """\
# What the texts of this folder were translated from: a mark for each paragraph of the source.
# Written by scorm-builder translate. Keep it with the texts: it tells which are out of date.

"""

Record = dict[str, list[str]]


def read(folder: Path) -> Record:
    """Return the record of a language's folder, empty if there is none that can be read."""
    try:
        found = tomllib.loads((folder / NAME).read_text("utf-8")).get("texts")
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        key: marks
        for key, marks in found.items()
        if isinstance(marks, list) and all(isinstance(one, str) for one in marks)
    }


def write(folder: Path, source: str, record: Mapping[str, list[str]]) -> None:
    """Write the record, in the order of its keys."""
    lines = [f"source = {json.dumps(source)}", "", "[texts]"]
    for key, marks in sorted(record.items()):
        lines.append(f"{json.dumps(key)} = [{', '.join(map(json.dumps, marks))}]")
    folder.mkdir(exist_ok=True)
    with replace_when_done(folder / NAME) as part:
        part.write_text(_HEAD + "\n".join(lines) + "\n", "utf-8")
