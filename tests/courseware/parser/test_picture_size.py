"""Width and height of pictures from their headers."""

import struct
from io import BytesIO

import pytest

from courseware.parser.picture_size import picture_size
from tests.courseware.conftest import Write
from tests.courseware.small import problems_of


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\2\0\0\0"


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height)


def jpeg(width: int, height: int) -> bytes:
    exif = b"\xff\xe1" + struct.pack(">H", 5002) + b"\xff\xc0" * 2500
    frame = b"\xff\xff\xc2\0\x11\x08" + struct.pack(">HH", height, width)
    return b"\xff\xd8" + exif + frame + b"\3\1\x22\0"


def webp(chunk: bytes, content: bytes) -> bytes:
    return b"RIFF\0\0\0\0WEBP" + chunk + b"\0\0\0\0" + content


def avif(width: int, height: int) -> bytes:
    return b"\0\0\0\x1cftypavif\0\0\0\0avifmif1ispe\0\0\0\0" + struct.pack(">II", width, height)


SIZES = [
    (png(1200, 800), (1200, 800)),
    (gif(1200, 800), (1200, 800)),
    (jpeg(1200, 800), (1200, 800)),
    (avif(1200, 800), (1200, 800)),
    (webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 1200, 800)), (1200, 800)),
    (webp(b"VP8L", b"\x2f" + struct.pack("<I", 1199 | 799 << 14)), (1200, 800)),
    (webp(b"VP8X", b"\0\0\0\0\xaf\x04\0\x1f\x03\0"), (1200, 800)),
    (png(0, 800), None),
    (png(1200, 800)[:20], None),
    (jpeg(1200, 800)[:-8], None),
    (b"\xff\xd8" + b"\xff\xe0\0\2" * 600, None),
    (b"\xff\xd8\xff\xe0", None),
    (webp(b"VP8L", b""), None),
    (b"<svg/>", None),
    (b"", None),
]


@pytest.mark.parametrize(("data", "size"), SIZES)
def test_the_size_is_in_the_header(data: bytes, size: tuple[int, int] | None) -> None:
    assert picture_size(BytesIO(data)) == size


def test_a_picture_of_too_many_pixels_is_an_error(write: Write) -> None:
    assert problems_of(write({"media/map.png": png(30_000, 30_000)})) == [
        (
            (
                "media/map.png: error: The picture has 30,000 × 30,000 pixels, but no picture can "
                "exceed 50 million in all."
            ),
            "Save it smaller: 1,200 pixels of width are enough.",
        )
    ]


def test_a_picture_of_many_pixels_is_a_warning(write: Write) -> None:
    assert problems_of(write({"media/map.png": png(4_000, 3_000)})) == [
        (
            (
                "media/map.png: warning: The picture has 4,000 × 3,000 pixels, which need much "
                "memory on a phone (a good size is at most 10 million in all)."
            ),
            "Save it smaller: 1,200 pixels of width are enough.",
        )
    ]


@pytest.mark.parametrize("size", [(1, 1), (4_000, 2_500), (1_200, 8_000)])
def test_other_pictures_are_good(size: tuple[int, int], write: Write) -> None:
    assert problems_of(write({"media/map.png": png(*size)})) == []
