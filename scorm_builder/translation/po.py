"""Write and read gettext PO files, with Babel.

The id of a unit is its context (``msgctxt``), so that equal texts in two positions stay two units.
Outdated translations are fuzzy; fuzzy translations are not imported.
"""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, PoFileParser, write_po

from scorm_builder.translation.entries import MAX_UNITS, Entry, Exchange, ExchangeError
from scorm_builder.translation.units import Unit

_SOURCE_LANGUAGE = "X-Source-Language"


class _Catalog(Catalog):
    """A catalog with only the headers that matter here; its encoding is always UTF-8."""

    def __init__(self, source: str = "", target: str = "") -> None:
        self.source, self.target = source, target
        super().__init__(charset="utf-8", fuzzy=False)

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """The headers, with the source language."""
        return [
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=UTF-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Language", self.target),
            (_SOURCE_LANGUAGE, self.source),
        ]

    @mime_headers.setter
    def mime_headers(self, headers: Any) -> None:
        found = {name.lower(): str(value).strip() for name, value in headers}
        self.source = found.get(_SOURCE_LANGUAGE.lower(), "")
        self.target = found.get("language", "")


def write(units: Iterable[Unit], source: str, target: str) -> str:
    """Return the PO file of the units."""
    catalog = _Catalog(source, target)
    catalog.header_comment = ""
    for unit in units:
        catalog.add(
            unit.source,
            unit.target or "",
            locations=[(unit.file, unit.line or 0)],
            auto_comments=[unit.note],
            context=unit.id,
            flags=["fuzzy"] if unit.status == "outdated" and unit.target else [],
        )
    buffer = BytesIO()
    write_po(buffer, catalog, width=0)
    return buffer.getvalue().decode()


def read(data: bytes) -> Exchange:
    """Return the content of a PO file. Raises ``ExchangeError`` if it is not valid."""
    try:
        lines = data.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise ExchangeError("The catalogue is not saved as UTF-8.") from None
    for number, line in enumerate(lines):  # Babel accepts a string that is cut off
        if line.strip() and not line.startswith("#") and not line.rstrip().endswith('"'):
            raise _invalid_line(number, line)
    catalog = _Catalog()
    try:
        PoFileParser(catalog, abort_invalid=True).parse(lines)
    except PoFileError as error:
        raise _invalid_line(error.lineno, error.line) from None
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError) as error:
        raise ExchangeError(f"This is not a PO catalogue ({type(error).__name__}).") from None
    entries = tuple(
        Entry(message.context, message.id, message.string, not message.fuzzy)
        for message in catalog
        if message.context and isinstance(message.id, str) and isinstance(message.string, str)
    )
    if len(entries) > MAX_UNITS:
        raise ExchangeError(f"There are more than {MAX_UNITS:,} messages: no module has so many.")
    return Exchange(catalog.source, catalog.target, entries)


def _invalid_line(number: int, line: str) -> ExchangeError:
    return ExchangeError(f"Line {number + 1} is not one of a PO catalogue: {line[:60]!r}.")
