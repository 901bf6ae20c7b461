"""Problems of file names, symbolic links and text files."""

import os
from pathlib import Path

import pytest

from courseware.parser.reader import check, read
from tests.courseware.conftest import Write
from tests.courseware.small import PNG, SMALL, Files, Line, es, problems_of

CASES: dict[str, tuple[Files, list[Line]]] = {
    "a text in Latin-1": (
        es("introduction", b"# I\n\nCami" + b"\xf3n\n"),
        [
            (
                (
                    "es/introduction.md:3: error: The file is not saved as UTF-8: byte 5 of "
                    "this line (0xF3) is wrong."
                ),
                'In your editor choose "Save as" (or "Save with encoding") and then UTF-8.',
            )
        ],
    ),
    "a text in UTF-16": (
        es("introduction", "# I\n".encode("utf-16")),
        [
            (
                "es/introduction.md:1: error: The file is saved as UTF-16, not as UTF-8.",
                'In your editor choose "Save as" (or "Save with encoding") and then UTF-8.',
            )
        ],
    ),
    "a text with a NUL": (
        es("introduction", "# I\n\na\x00b\n"),
        [
            (
                (
                    "es/introduction.md:3: error: There is a NUL, an invisible sign that no "
                    "text has."
                ),
                "Delete it, or write the line again.",
            )
        ],
    ),
    "an odd sign in a name": (
        {"media/a:b.png": PNG},
        [
            (
                (
                    "media/a:b.png: error: The name has a sign that some computers or LMSs do "
                    "not allow."
                ),
                "Rename it with letters, digits, hyphens and dots only.",
            )
        ],
    ),
    "a space in a name": (
        {"media/other map.png": PNG}
        | es("introduction", "# I\n\n![m](<../media/other map.png>) ![m](../media/map.png)\n"),
        [
            (
                (
                    "media/other map.png: warning: The name has a space or a letter with an "
                    "accent, which some LMSs cannot open."
                ),
                "Rename it with the letters a to z, digits, hyphens and dots only.",
            )
        ],
    ),
    "names that differ in capitals": (
        {"media/Map.png": PNG},
        [
            (
                (
                    'media/map.png: error: The name differs from "media/Map.png" only in '
                    "capital letters or accents."
                ),
                "Rename or remove one: many computers cannot keep both.",
            )
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_problems_are_reported_with_file_line_and_remedy(case: str, write: Write) -> None:
    changes, lines = CASES[case]
    assert problems_of(write(changes)) == lines


def test_symbolic_links_are_errors(small: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("# Secret\n\nNobody's business.\n")
    (small / "es/introduction.md").unlink()
    (small / "es/introduction.md").symlink_to(secret)
    (small / "media/more").symlink_to(tmp_path, target_is_directory=True)
    heads = [head for head, _ in problems_of(small)]
    linked = "error: This is a link to another place (a symbolic link or an alias)."
    assert f"es/introduction.md: {linked}" in heads
    assert f"media/more: {linked}" in heads


def test_sources_and_hidden_files_are_ignored(write: Write) -> None:
    folder = write(
        {"sources/a:b.svg": "x", ".git/HEAD": "x", "es/.draft.md": "x", "media/.DS_Store": b"\0"}
    )
    assert problems_of(folder) == []


def test_the_number_of_files_is_limited(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("courseware.parser.folder.MOST_FILES", 5)
    assert ("module.toml: error: The folder holds more than 5 files.") in [
        h for h, _ in problems_of(small)
    ]


def test_a_pipe_is_an_error(small: Path) -> None:
    os.mkfifo(small / "es/pipe.md")
    assert problems_of(small) == [
        ("es/pipe.md: error: This is not an ordinary file.", "Remove it.")
    ]


@pytest.mark.parametrize("name", [b"media/\xff.png", b"media/a\nb.png", b"media/con.png"])
def test_names_in_messages_are_one_printable_line(small: Path, name: bytes) -> None:
    with open(os.fsencode(small) + b"/" + name, "wb") as stream:  # noqa: PTH123 - bytes in a name
        stream.write(PNG)
    (problem,) = [one for one in check(small) if one.level == "error"]
    assert "Rename it" in problem.remedy
    assert str(problem).encode().isascii()
    assert "\n" not in str(problem)


def test_byte_order_mark_and_windows_line_ends(write: Write) -> None:
    plain = write()
    windows = write(
        {
            name: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
            for name, text in SMALL.items()
            if isinstance(text, str)
        },
        name="windows/small",
    )
    first, second = read(plain), read(windows)
    assert (first.titles, first.sections) == (second.titles, second.sections)
