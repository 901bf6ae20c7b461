"""The content of a translator's file, independent of its format."""

from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 20_000_000
MAX_UNITS = 100_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A translated unit. ``done`` is its state in the translator's tool, None if unknown."""

    id: str
    source: str
    target: str
    done: bool | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A translator's file. The languages are "" if the file does not name them."""

    source: str
    target: str
    entries: tuple[Entry, ...]


class ExchangeError(Exception):
    """A file that cannot be imported, with the reason for the person who imports it."""


def load(path: Path) -> bytes:
    """Return the bytes of a file. Raises ``ExchangeError`` if it is too large."""
    if path.stat().st_size > MAX_BYTES:
        raise ExchangeError(
            f"The file is larger than {MAX_BYTES // 1_000_000} MB: no module's texts are."
        )
    return path.read_bytes()
