"""Problems of media files."""

import hashlib
from pathlib import Path
from typing import Literal
from unicodedata import normalize

import pytest

from courseware.parser.media import MAX_BYTES, RECOMMENDED_BYTES, sizes_in_words
from courseware.parser.reader import read
from tests.courseware.conftest import Write
from tests.courseware.small import MP4, PDF, PNG, SMALL, SVG, VTT, Files, Line, problems_of, toml

Form = Literal["NFC", "NFD"]

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


@pytest.mark.parametrize(
    ("name", "content", "message", "remedy"),
    [
        (
            "film.mp4",
            b"\0\0\0\x14ftypqt  ",
            "The file is not really MP4, whatever its name says. It is QuickTime.",
            "Export it as MP4 (H.264) from the program that made it.",
        ),
        (
            "film.mp4",
            b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm",
            "The file is not really MP4, whatever its name says. It is WebM.",
            "Give it a name that ends in .webm, here and where it is used.",
        ),
        (
            "guide.pdf",
            b"PK\x03\x04",
            "The file is not really PDF, whatever its name says. It is ZIP.",
            "Give it a name that ends in .zip, here and where it is used.",
        ),
        (
            "guide.pdf",
            b"<!DOCTYPE html>",
            "The file is not really PDF, whatever its name says. It is a web page (HTML).",
            "Open it in the program that made it and save it again, with that ending.",
        ),
        (
            "map.png",
            b"\0\0\0\x18ftypheic",
            "The file is not really PNG, whatever its name says. It is HEIC.",
            "Open it in the program that made it and save it again, with that ending.",
        ),
        (
            "film.es.vtt",
            MP4,
            "The file is not really WebVTT, whatever its name says. It is MP4.",
            "Open it in the program that made it and save it again, with that ending.",
        ),
    ],
)
def test_a_format_other_than_the_name_says(
    name: str, content: bytes, message: str, remedy: str, write: Write
) -> None:
    assert problems_of(write({f"media/{name}": content})) == [
        (f"media/{name}: error: {message}", remedy)
    ]


@pytest.mark.parametrize(
    ("size", "limit", "shown"),
    [
        (400_001, 400_000, ("400,001 bytes", "400,000 bytes")),
        (400_499, 400_000, ("400,499 bytes", "400,000 bytes")),
        (401_000, 400_000, ("401 kB", "400 kB")),
        (3_049_999, 3_000_000, ("3,049,999 bytes", "3,000,000 bytes")),
        (3_100_000, 3_000_000, ("3.1 MB", "3.0 MB")),
        (200_000_001, 200_000_000, ("200,000,001 bytes", "200,000,000 bytes")),
    ],
)
def test_a_size_and_its_limit_never_look_the_same(
    size: int, limit: int, shown: tuple[str, str]
) -> None:
    assert sizes_in_words(size, limit) == shown


@pytest.mark.parametrize(("written", "named"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_accents_that_are_composed_in_another_way(written: Form, named: Form, write: Write) -> None:
    text = f"# I\n\n![m](../media/map.png) ![p](../media/{normalize(written, 'página')}.png)\n"
    file = f"media/{normalize(named, 'página')}.png"
    found = problems_of(write({"es/introduction.md": text, file: PNG}))
    assert found[0] == (
        (
            f"es/introduction.md:3: error: There is no file "
            f'"media/{normalize(written, "página")}.png": '
            "the file's own name is written with the same letters, but its accents are composed "
            "in another way (Unicode NFC and NFD)."
        ),
        (
            "Give the file a name of the letters a to z, digits and hyphens, and write the same "
            "name here: media/pagina.png"
        ),
    )
    # Only the warning that the name has a letter with an accent follows.
    assert [line.split(": ")[1] for line, _ in found[1:]] == ["warning"]


def test_captions_are_found_whose_accents_are_composed_in_another_way(write: Write) -> None:
    changes: Files = {
        **toml(('file = "media/film.mp4"', f'file = "media/{normalize("NFC", "película")}.mp4"')),
        "media/film.mp4": None,
        "media/film.es.vtt": None,
        "media/film.ar.vtt": None,
        f"media/{normalize('NFC', 'película')}.mp4": MP4,
        f"media/{normalize('NFD', 'película')}.es.vtt": VTT,
    }
    assert not any("no captions in es" in line for line, _ in problems_of(write(changes)))


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
