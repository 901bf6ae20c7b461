"""The media types that a module may contain."""

import pytest

from courseware.media_types import KINDS, content_name, ending_of, endings, is_content_of, kind_of


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("media/a.svg", "image/svg+xml"),
        ("media/a.JPG", "image/jpeg"),
        ("media/a.b.mp4", "video/mp4"),
        ("media/a.es.vtt", "text/vtt"),
        ("media/a.pdf", "application/pdf"),
    ],
)
def test_type_by_extension(path: str, media_type: str) -> None:
    kind = kind_of(path)
    assert kind is not None
    assert kind.media_type == media_type


@pytest.mark.parametrize("path", ["a.html", "a.js", "a.xhtml", "a.exe", "a", "a.svg/b", ".svg"])
def test_executable_types_are_excluded(path: str) -> None:
    assert kind_of(path) is None
    assert not any(
        "html" in kind.media_type or "script" in kind.media_type for kind in KINDS.values()
    )


def test_extensions_in_words() -> None:
    assert endings("video") == ".mp4 or .webm"
    assert endings("captions") == ".vtt"


CONTENTS = [
    (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "QuickTime"),
    (b"\0\0\0\x08wide\0\0\0\0mdat", "QuickTime"),
    (b"\0\0\x10\0moov", "QuickTime"),
    (b"\0\0\0\x18ftypisom", "MP4"),
    (b"\0\0\0\x18ftypmp42", "MP4"),
    (b"\0\0\0\x18ftypM4V ", "MP4"),
    (b"\0\0\0\x18ftypM4A ", "M4A"),
    (b"\0\0\0\x18ftypavif", "AVIF"),
    (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "AVIF"),
    (b"\0\0\0\x18ftypheic", "HEIC"),
    (b"\0\0\0\x18ftyp3gp4", "3GP"),
    (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "WebM"),
    (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x88matroska", "Matroska (MKV)"),
    (b"RIFF\0\0\0\0AVI LIST", "AVI"),
    (b"RIFF\0\0\0\0WAVEfmt ", "WAV"),
    (b"RIFF\0\0\0\0WEBPVP8 ", "WebP"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff\xe0", "JPEG"),
    (b"GIF89a", "GIF"),
    (b"%PDF-1.7", "PDF"),
    (b"OggS\0", "Ogg"),
    (b"ID3\4", "MP3"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/epub+zip", "EPUB"),
    (b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.text", "ODT"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an older format of Office (DOC, XLS or PPT)"),
    (b"{\\rtf1", "RTF"),
    (b"II*\0", "TIFF"),
    (b"BM\x36\0\0\0\0\0\0\0", "BMP"),
    (b"<!DOCTYPE html><title>404", "a web page (HTML)"),
    (b"\n<html lang=en>", "a web page (HTML)"),
    (b"\xef\xbb\xbfWEBVTT\n", "WebVTT"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
    (b"BMW drives on", None),
    (b"some words of a text file", None),
    (b"1,2,3\n", None),
    (b"", None),
]


@pytest.mark.parametrize(("first", "name"), CONTENTS)
def test_a_format_by_its_first_bytes(first: bytes, name: str | None) -> None:
    assert content_name(first) == name


@pytest.mark.parametrize(
    ("ending", "contents"),
    [
        (".mp4", {"MP4"}),
        (".webm", {"WebM"}),
        (".m4a", {"M4A", "MP4"}),
        (".jpg", {"JPEG"}),
        (".docx", {"ZIP"}),
        (".epub", {"EPUB", "ZIP"}),
        (".zip", {"EPUB", "ODT", "ZIP"}),
        (".odt", {"ODT", "ZIP"}),
        (".mp3", {None, "MP3"}),
        (".svg", {None, "SVG"}),
        (".vtt", {None, "SVG", "WebVTT", "a web page (HTML)"}),
        (".txt", {None, "SVG", "WebVTT", "a web page (HTML)"}),
    ],
)
def test_the_formats_of_an_ending(ending: str, contents: set[str | None]) -> None:
    names = {name for _, name in CONTENTS}
    assert {name for name in names if is_content_of(name, KINDS[ending])} == contents


def test_the_ending_of_a_format() -> None:
    assert ending_of("WebM", "video") == ".webm"
    assert ending_of("PNG", "picture") == ".png"
    assert ending_of("PNG", "video") is None
    assert ending_of("QuickTime", "video") is None
    assert ending_of(None, "video") is None
