"""What is said of the files that a module shows."""

import pytest

from tests.courseware.conftest import Write
from tests.courseware.small import PNG, Files, Said, said, toml

CASES: dict[str, tuple[Files, list[Said]]] = {
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
                "media/map.png: error: The file is not really PNG, whatever its name says.",
                "Open it in the program that made it and save it again, with that ending.",
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
def test_says_what_is_wrong_and_where(case: str, write: Write) -> None:
    changes, lines = CASES[case]
    assert said(write(changes)) == lines
