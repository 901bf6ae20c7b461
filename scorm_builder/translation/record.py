"""Which source texts a language was translated from: ``<language>/.translated.toml``.

For each text, the digests of the source's paragraphs when it was translated, in order. Where the
source has other digests now, the translation is outdated. The file is part of the module.
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
    """Read the record of a language's folder; an empty one if it is missing or not valid."""
    try:
        found = tomllib.loads((folder / NAME).read_text("utf-8")).get("texts")
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        key: digests
        for key, digests in found.items()
        if isinstance(digests, list) and all(isinstance(one, str) for one in digests)
    }


def write(folder: Path, source: str, record: Mapping[str, list[str]]) -> None:
    """Write the record, sorted by key."""
    lines = [f"source = {json.dumps(source)}", "", "[texts]"]
    for key, digests in sorted(record.items()):
        lines.append(f"{json.dumps(key)} = [{', '.join(map(json.dumps, digests))}]")
    folder.mkdir(exist_ok=True)
    with replace_when_done(folder / NAME) as part:
        part.write_text(_HEAD + "\n".join(lines) + "\n", "utf-8")
