"""Decode and encode pictures again, without metadata and at most 2048 pixels wide or high.

A picture that was encoded again contains no location, no name of a device or person, and nothing
appended that another program could run. Only four decoders of Pillow are used. The number of
pixels and frames is checked before anything is decoded.
"""

import io
import threading
import warnings
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps, ImageSequence

from lti_tool.attachments.errors import AttachmentError, Reason
from lti_tool.attachments.file_types import GIF, JPEG, PNG, WEBP, FileType

MAX_PIXELS = 64_000_000
"""Pixels of one picture, and of all frames of a moving one."""
MAX_SIDE = 2048
MAX_FRAMES = 200

_DECODERS = ("JPEG", "PNG", "WEBP", "GIF")
_QUALITY = 85

# A decoded picture takes up to 256 MB: decode one at a time in each process.
_decoding = threading.Lock()


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture; ``width`` and ``height`` are in pixels."""

    content: bytes
    type: FileType
    width: int
    height: int


def encode_again(content: bytes, name: str = "") -> Picture:
    """Return the picture, upright, in sRGB and without metadata.

    Raises :class:`AttachmentError` for a picture that is broken or has too many pixels.
    """
    try:
        with _decoding, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Pillow, about sizes that are checked here
            with Image.open(io.BytesIO(content), formats=_DECODERS) as image:
                return _encode(image, name)
    except AttachmentError:
        raise
    except Image.DecompressionBombError:
        raise AttachmentError(Reason.PICTURE_TOO_LARGE, name) from None
    except Exception:
        raise AttachmentError(Reason.BROKEN_PICTURE, name) from None


def _encode(image: Image.Image, name: str) -> Picture:
    frames = min(getattr(image, "n_frames", 1), MAX_FRAMES + 1)
    if image.format == "MPO":  # a JPEG of a phone with a second view; the first is the picture
        frames = 1
    if image.width * image.height * frames > MAX_PIXELS or frames > MAX_FRAMES:
        raise AttachmentError(Reason.PICTURE_TOO_LARGE, name)
    if frames > 1:
        return _encode_moving(image)
    if image.format in ("JPEG", "MPO"):
        image.draft("RGB", (MAX_SIDE, MAX_SIDE))  # decodes at a reduced size
    upright = ImageOps.exif_transpose(image) or image
    upright.thumbnail((MAX_SIDE, MAX_SIDE))
    upright = _to_srgb(upright)
    if image.format in ("JPEG", "MPO"):
        kind = JPEG
    elif image.format == "WEBP":
        kind = WEBP
    else:
        kind = PNG
    if kind is JPEG and upright.mode not in ("L", "RGB"):
        upright = upright.convert("RGB")
    return _save(upright, kind)


def _save(image: Image.Image, kind: FileType) -> Picture:
    output = io.BytesIO()
    clean = Image.new(image.mode, image.size)
    clean.paste(image)  # a new image has no metadata that an encoder could write
    if kind is JPEG:
        clean.save(output, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    elif kind is WEBP:
        clean.save(output, "WEBP", quality=_QUALITY)
    else:
        clean.save(output, "PNG", optimize=True)
    return Picture(output.getvalue(), kind, *clean.size)


def _encode_moving(image: Image.Image) -> Picture:
    frames, durations = [], []
    for frame in ImageSequence.Iterator(image):
        durations.append(frame.info.get("duration", 100) or 100)
        drawn = frame.convert("RGBA")
        drawn.thumbnail((MAX_SIDE, MAX_SIDE))
        clean = Image.new("RGBA", drawn.size)
        clean.paste(drawn)
        frames.append(clean)
    output = io.BytesIO()
    kind = GIF if image.format == "GIF" else WEBP
    frames[0].save(
        output,
        "GIF" if kind is GIF else "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=0,
    )
    return Picture(output.getvalue(), kind, *frames[0].size)


def _to_srgb(image: Image.Image) -> Image.Image:
    """Convert the colours to sRGB, since the colour profile is removed."""
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA")
    elif image.mode in ("I", "I;16", "F", "1"):
        image = image.convert("L")
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "RGBA", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            mode = "RGB" if image.mode in ("CMYK", "L") else image.mode
            converted = ImageCms.profileToProfile(
                image, source, ImageCms.createProfile("sRGB"), outputMode=mode
            )
            image = converted or image
        except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
            pass  # a broken profile: the colours are shown as they are
    return image.convert("RGB") if image.mode in ("CMYK", "YCbCr", "LAB", "HSV") else image
