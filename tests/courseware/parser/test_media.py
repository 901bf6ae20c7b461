"""Problems of media files."""

import hashlib
from pathlib import Path

import pytest

from courseware.parser.media import MAX_BYTES, RECOMMENDED_BYTES
from courseware.parser.reader import read
from tests.courseware.conftest import Write
from tests.courseware.small import PDF, PNG, SMALL, SVG, Files, Line, problems_of, toml

CASES: dict[str, tuple[Files, list[Line]]] = {
    "a document for a video": (
        toml(('file = "media/film.mp4"', 'file = "media/guide.pdf"')),
        [
            (
                (
                    'module.toml:45: error: "media/guide.pdf" is not a file of a kind that can '
                    "stand here."
                ),
                "Use a file that ends in .mp4 or .webm.",
            )
        ],
    ),
    "a name with other capitals": (
        toml(('file = "media/film.mp4"', 'file = "media/Film.mp4"')),
        [
            (
                'module.toml:45: error: There is no file "media/Film.mp4".',
                'Did you mean "media/film.mp4"?',
            )
        ],
    ),
    "a picture of another kind than its name": (
        {"media/map.png": b"GIF89a"},
        [
            (
                (
                    "media/map.png: error: The file is not really PNG, whatever its name says. "
                    "It is GIF."
                ),
                "Give it a name that ends in .gif, here and where it is used.",
            )
        ],
    ),
    "an empty file": (
        {"media/map.png": b""},
        [("media/map.png: error: The file is empty.", "Put the real one in its place.")],
    ),
    "a large picture": (
        {"media/map.png": PNG + b"\x00" * 500000},
        [
            (
                (
                    "media/map.png: warning: The file has 500 kB, which is slow to load on a "
                    "poor connection (a good size is at most 400 kB)."
                ),
                "Save it smaller: 1,200 pixels of width are enough.",
            )
        ],
    ),
    "a file that nothing shows": (
        {"media/other.png": PNG},
        [
            (
                "media/other.png: warning: Nothing in the module shows this file.",
                "Remove it, move it to sources/, or link to it: it is not packaged.",
            )
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_problems_are_reported_with_file_line_and_remedy(case: str, write: Write) -> None:
    changes, lines = CASES[case]
    assert problems_of(write(changes)) == lines


def test_the_limits_are_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "author.md").read_text()
    for family, size in RECOMMENDED_BYTES.items():
        good = f"{size // 1000} kB" if size < 1_000_000 else f"{size // 1_000_000} MB"
        assert f"| {family} | {good} | {MAX_BYTES // 1_000_000} MB |" in page


def test_a_file_above_the_maximum_size_is_an_error(small: Path) -> None:
    with (small / "media/film.mp4").open("r+b") as stream:
        stream.truncate(MAX_BYTES + 1)
    assert problems_of(small) == [
        (
            (
                "media/film.mp4: error: The file has 200,000,001 bytes, but no file can exceed "
                "200,000,000 bytes."
            ),
            "Save it smaller (720p, H.264), or link to YouTube, Vimeo or PeerTube.",
        )
    ]


def test_files_have_their_digest_and_type(small: Path) -> None:
    files = {file.path: file for file in read(small).files}
    assert sorted(files) == sorted(name for name in SMALL if name.startswith("media/"))
    drawing = files["media/cover.svg"]
    assert drawing.sha256 == hashlib.sha256(SVG).hexdigest()
    assert (drawing.size, drawing.media_type) == (len(SVG), "image/svg+xml")


def test_a_changed_file_of_the_same_size_has_a_new_digest(small: Path) -> None:
    before = read(small).file("media/guide.pdf")
    changed = bytes(reversed(range(len(PDF))))
    (small / "media/guide.pdf").write_bytes(PDF[:5] + changed[5:])
    after = read(small).file("media/guide.pdf")
    assert before is not None
    assert after is not None
    assert (before.size, before.sha256 != after.sha256) == (after.size, True)
