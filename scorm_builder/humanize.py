"""Format and parse sizes in bytes, with decimal units as LMSs use them for upload limits."""

import re

_UNITS = {
    **{"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9},
    **{"kib": 2**10, "mib": 2**20, "gib": 2**30},
}
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)")


def format_size(size: int) -> str:
    """Return a size with about three digits: ``830 B``, ``53 kB``, ``1.4 MB``."""
    if size < 1000:
        return f"{size} B"
    if size < 999_500:
        return f"{size / 1000:.0f} kB"
    if size < 999_500_000:
        return f"{size / 1e6:.1f} MB"
    return f"{size / 1e9:.2f} GB"


def parse_size(text: str) -> int:
    """Return the bytes of ``20MB``, ``1.5 GB`` or ``800 KiB``; ValueError if it is no size."""
    match = _SIZE.fullmatch(text.strip().lower())
    if match is None or match[2] not in _UNITS:
        raise ValueError(text)
    return round(float(match[1]) * _UNITS[match[2]])
