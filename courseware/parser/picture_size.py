"""The width and height of a picture, from the header of its file."""

import struct
from typing import BinaryIO

_FIRST_BYTES = 4096
_MAX_SEGMENTS = 500
_MARKERS_WITHOUT_LENGTH = frozenset((0x01, *range(0xD0, 0xD9)))
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def picture_size(stream: BinaryIO) -> tuple[int, int] | None:
    """Return width and height in pixels of a PNG, GIF, WebP, AVIF or JPEG; None if not found."""
    first = stream.read(_FIRST_BYTES)
    try:
        size = _jpeg(stream) if first.startswith(b"\xff\xd8") else _by_header(first)
    except (struct.error, IndexError):
        return None
    return size if size and min(size) > 0 else None


def _by_header(first: bytes) -> tuple[int, int] | None:
    if first.startswith(b"\x89PNG\r\n\x1a\n") and first[12:16] == b"IHDR":
        return _pair(">II", first, 16)
    if first.startswith(b"GIF8"):
        return _pair("<HH", first, 6)
    if first[8:12] == b"WEBP":
        return _webp(first)
    if first[4:8] == b"ftyp" and (at := first.find(b"ispe")) > 0:
        return _pair(">II", first, at + 8)
    return None


def _pair(layout: str, data: bytes, at: int) -> tuple[int, int]:
    width, height = struct.unpack_from(layout, data, at)
    return int(width), int(height)


def _webp(first: bytes) -> tuple[int, int] | None:
    match first[12:16]:
        case b"VP8 " if first[23:26] == b"\x9d\x01\x2a":
            width, height = _pair("<HH", first, 26)
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L" if first[20] == 0x2F:
            (bits,) = struct.unpack_from("<I", first, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            size = first[24:30]
            return int.from_bytes(size[:3], "little") + 1, int.from_bytes(size[3:], "little") + 1
    return None


def _jpeg(stream: BinaryIO) -> tuple[int, int] | None:
    """Go through the segments to the frame header (ITU-T T.81 §B.2.2)."""
    stream.seek(2)
    for _ in range(_MAX_SEGMENTS):
        start = stream.read(2)
        if len(start) < 2 or start[0] != 0xFF:
            return None
        marker = start[1]
        if marker == 0xFF:
            stream.seek(-1, 1)
        elif marker in _FRAMES:
            height, width = _pair(">HH", stream.read(7), 3)
            return width, height
        elif marker not in _MARKERS_WITHOUT_LENGTH:
            (length,) = struct.unpack(">H", stream.read(2))
            stream.seek(max(0, length - 2), 1)
    return None
