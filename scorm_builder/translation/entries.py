"""What a translator's file says, whichever format it has."""

from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 20_000_000
MOST_UNITS = 100_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A unit that came back. ``done`` is what the translator's tool says of it, None if nothing."""

    id: str
    source: str
    target: str
    done: bool | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A file that came back. The languages are empty if it does not name them."""

    source: str
    target: str
    entries: tuple[Entry, ...]


class ExchangeError(Exception):
    """A file that is not read, and why, in words for whoever sent it."""


def load(path: Path) -> bytes:
    """Return the file's bytes; ``ExchangeError`` if there are too many of them."""
    if path.stat().st_size > MOST_BYTES:
        raise ExchangeError(
            f"The file is larger than {MOST_BYTES // 1_000_000} MB: no module's texts are."
        )
    return path.read_bytes()
