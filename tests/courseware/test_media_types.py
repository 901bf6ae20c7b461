"""The media types that a module may contain."""

import pytest

from courseware.media_types import KINDS, endings, kind_of


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
