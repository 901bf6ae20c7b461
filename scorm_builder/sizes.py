"""Numbers of bytes in words, and back: decimal kilobytes and megabytes, as LMSs count uploads."""

import re

_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9}
_BINARY = {"kib": 2**10, "mib": 2**20, "gib": 2**30}
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)")


def in_words(size: int) -> str:
    """Return a number of bytes with three digits or so: ``830 B``, ``53 kB``, ``1.4 MB``."""
    if size < 1000:
        return f"{size} B"
    if size < 999_500:
        return f"{size / 1000:.0f} kB"
    if size < 999_500_000:
        return f"{size / 1e6:.1f} MB"
    return f"{size / 1e9:.2f} GB"


def in_bytes(text: str) -> int:
    """Return the bytes of ``20MB``, ``1.5 GB`` or ``800 KiB``; ValueError if it is no such size."""
    match = _SIZE.fullmatch(text.strip().lower())
    units = _UNITS | _BINARY
    if match is None or match[2] not in units:
        raise ValueError(text)
    return round(float(match[1]) * units[match[2]])
