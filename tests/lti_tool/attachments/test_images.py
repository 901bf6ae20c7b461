"""Pictures are encoded again: upright, small enough, and without metadata."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from lti_tool.attachments.errors import AttachmentError, Reason
from lti_tool.attachments.images import MAX_SIDE, encode_again
from tests.lti_tool.attachments.files import picture

SECRET = b"51.5007 N 0.1246 W"


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def exif(orientation: int = 1) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010E] = SECRET.decode()
    return tags


def text_chunk() -> PngInfo:
    information = PngInfo()
    information.add_text("Comment", SECRET.decode())
    information.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    return information


@pytest.mark.parametrize(
    "content",
    [
        picture("JPEG", exif=exif()),
        picture("JPEG", comment=SECRET),
        picture("JPEG") + SECRET,
        picture("PNG", pnginfo=text_chunk()),
        picture("PNG", exif=exif()),
        picture("PNG") + SECRET,
        picture("WEBP", exif=exif(), xmp=SECRET),
        picture("GIF", comment=SECRET),
    ],
)
def test_no_metadata_and_nothing_appended_survives(content: bytes) -> None:
    assert SECRET in content
    encoded = encode_again(content)
    assert SECRET not in encoded.content
    assert not opened(encoded.content).getexif()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_that_lies_on_its_side_is_turned_upright(kind: str) -> None:
    encoded = encode_again(picture(kind, (60, 40), exif=exif(orientation=6)))
    assert (encoded.width, encoded.height) == (40, 60)
    red, _, blue = opened(encoded.content).convert("RGB").getpixel((20, 5))
    assert red > 200
    assert blue < 60


@pytest.mark.parametrize(
    ("kind", "mode", "media_type"),
    [
        ("JPEG", "RGB", "image/jpeg"),
        ("JPEG", "L", "image/jpeg"),
        ("JPEG", "CMYK", "image/jpeg"),
        ("PNG", "RGBA", "image/png"),
        ("PNG", "P", "image/png"),
        ("PNG", "1", "image/png"),
        ("PNG", "I;16", "image/png"),
        ("PNG", "LA", "image/png"),
        ("WEBP", "RGBA", "image/webp"),
        ("GIF", "P", "image/png"),
        ("MPO", "RGB", "image/jpeg"),
    ],
)
def test_every_mode_of_a_picture_is_kept_readable(kind: str, mode: str, media_type: str) -> None:
    image = Image.new(mode, (30, 20))
    output = io.BytesIO()
    options = {"save_all": True, "append_images": [image]} if kind == "MPO" else {}
    image.save(output, kind, **options)
    encoded = encode_again(output.getvalue())
    assert encoded.type.media_type == media_type
    assert opened(encoded.content).size == (30, 20)


def test_a_large_photo_is_made_smaller() -> None:
    encoded = encode_again(picture("JPEG", (6000, 3000)))
    assert (encoded.width, encoded.height) == (MAX_SIDE, MAX_SIDE // 2)


def test_a_moving_picture_still_moves() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    output = io.BytesIO()
    frames[0].save(output, "GIF", save_all=True, append_images=frames[1:], duration=70)
    encoded = encode_again(output.getvalue())
    assert encoded.type.media_type == "image/gif"
    assert opened(encoded.content).n_frames == 3


def test_colours_of_a_profile_become_srgb() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for embedded in (profile, srgb, b"broken"):
        encoded = encode_again(picture("PNG", icc_profile=embedded))
        assert "icc_profile" not in opened(encoded.content).info


def png_header(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def gif_of_many_frames() -> bytes:
    frames = [Image.new("RGB", (8, 8), (number % 250, number // 250, 0)) for number in range(300)]
    output = io.BytesIO()
    frames[0].save(output, "GIF", save_all=True, append_images=frames[1:])
    return output.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (png_header(30_000, 30_000), Reason.PICTURE_TOO_LARGE),
        (png_header(2**31 - 1, 2**31 - 1), Reason.PICTURE_TOO_LARGE),
        (gif_of_many_frames(), Reason.PICTURE_TOO_LARGE),
        (picture("JPEG")[:200], Reason.BROKEN_PICTURE),
        (b"\xff\xd8\xff" + b"\0" * 100, Reason.BROKEN_PICTURE),
        (b"\x89PNG\r\n\x1a\n", Reason.BROKEN_PICTURE),
        (b"GIF89a", Reason.BROKEN_PICTURE),
        (b"RIFF\x10\0\0\0WEBPVP8 ", Reason.BROKEN_PICTURE),
    ],
)
def test_bombs_and_broken_pictures_are_refused(content: bytes, reason: Reason) -> None:
    with pytest.raises(AttachmentError) as raised:
        encode_again(content, "holiday.png")
    assert raised.value.reason is reason
    assert raised.value.name == "holiday.png"
