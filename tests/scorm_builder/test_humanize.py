"""Parsing and formatting of sizes."""

import pytest

from scorm_builder.humanize import format_size, parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("20MB", 20_000_000),
        ("1.5 gb", 1_500_000_000),
        ("800KiB", 819_200),
        ("7", 7),
        ("12 B", 12),
        ("0.5kB", 500),
    ],
)
def test_written(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "MB", "-1MB", "1e3", "20 megs", "1,5MB", "٣MB"])
def test_not_a_size(text: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - its words are the text itself
        parse_size(text)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (1_440_000, "1.4 MB"),
        (2_340_000_000, "2.34 GB"),
    ],
)
def test_format_size(size: int, text: str) -> None:
    assert format_size(size) == text
