"""Problems of the sections and items that module.toml declares."""

import pytest

from courseware.parser.reader import read
from tests.courseware.conftest import Write
from tests.courseware.small import SECTIONS, Files, Line, problems_of, toml

CASES: dict[str, tuple[Files, list[Line]]] = {
    "a misspelt kind": (
        toml(('kind = "text"', 'kind = "texts"')),
        [
            (
                'module.toml:25: error: "sections.kind" is "texts", which is not known.',
                'Did you mean "text"?',
            )
        ],
    ),
    "an unknown kind": (
        toml(('kind = "text"', 'kind = "podcast"')),
        [
            (
                'module.toml:25: error: "sections.kind" is "podcast", which is not known.',
                "It is one of: text, videos, readings, questions and discussion.",
            )
        ],
    ),
    "no kind": (
        toml(('kind = "text"\n', "")),
        [('module.toml:23: error: "sections.kind" is missing.', 'Add a line: kind = "text"')],
    ),
    "two discussions": (
        toml(("[videos.film]", '[[sections]]\nid="forum"\nkind="discussion"\n[videos.film]')),
        [
            (
                "module.toml:46: error: There is a second section of the kind discussion.",
                "Keep only one of them.",
            ),
            (
                'ar/forum.md: warning: The section "forum" is not translated to ar.',
                "Until then it is shown in es.",
            ),
            (
                'es/forum.md: error: The text of the section "forum" is missing.',
                'Write it: a first line with "# " and the title, then the text.',
            ),
        ],
    ),
    "two sections of one id": (
        toml(("[videos.film]", '[[sections]]\nid="videos"\nkind="videos"\n[videos.film]')),
        [
            (
                'module.toml:45: error: Two sections have the id "videos".',
                "Give one of them another id.",
            ),
            (
                ('es/videos.md:5: error: The id "film" belongs to another part of the module too.'),
                "Give one of them another id: a link must know which is meant.",
            ),
        ],
    ),
    "an id of the page itself": (
        toml(('id = "introduction"', 'id = "main"'))
        | {"es/main.md": "# M\n\nx", "ar/main.md": "# M\n\nx"},
        [
            ('module.toml:24: error: The page itself uses the id "main".', "Choose another one."),
            (
                'module.toml:57: error: There is no section "introduction".',
                "The sections are main, videos, readings, questions and discussion.",
            ),
            (
                "ar/introduction.md: warning: Nothing in the module shows this file.",
                "Declare a section of that name in module.toml, or remove the file.",
            ),
            (
                "es/introduction.md: warning: Nothing in the module shows this file.",
                "Declare a section of that name in module.toml, or remove the file.",
            ),
        ],
    ),
    "no sections": (
        toml((SECTIONS, "")),
        [
            (
                "module.toml: error: The module has no sections.",
                (
                    'Add the lines [[sections]], id = "introduction" and kind = "text" for the '
                    "first."
                ),
            )
        ],
    ),
    "a video with a file and an address": (
        toml(("seconds = 65", 'seconds = 65\naddress = "https://vimeo.com/1234"')),
        [
            (
                'module.toml:44: error: "videos.film" has both a file and an address.',
                "Keep one of the two.",
            )
        ],
    ),
    "a video with neither": (
        toml(('file = "media/film.mp4"\n', "")),
        [
            (
                'module.toml:44: error: "videos.film" has neither a file nor an address.',
                'Add a line, either file = "media/…" or address = "https://…"',
            )
        ],
    ),
    "a video of an unknown site": (
        toml(('file = "media/film.mp4"', 'address = "https://example.org/video"')),
        [
            (
                (
                    'module.toml:45: error: The address "https://example.org/video" is not '
                    "that of a video that can be shown."
                ),
                (
                    "Use https://www.youtube.com/watch?v=…, https://vimeo.com/… or https://<a "
                    "PeerTube site>/w/…, beginning with https; or put the file into media/."
                ),
            )
        ],
    ),
    "a video's address without https": (
        toml(('file = "media/film.mp4"', 'address = "http://www.youtube.com/watch?v=abcdefghijk"')),
        [
            (
                (
                    "module.toml:45: error: The address "
                    '"http://www.youtube.com/watch?v=abcdefghijk" does not begin with https://.'
                ),
                (
                    "Use https://www.youtube.com/watch?v=…, https://vimeo.com/… or https://<a "
                    "PeerTube site>/w/…, beginning with https; or put the file into media/."
                ),
            )
        ],
    ),
    "a file outside the folder": (
        toml(('file = "media/film.mp4"', 'file = "../film.mp4"')),
        [
            (
                'module.toml:45: error: "../film.mp4" is not a file of the folder media/.',
                'Put the file into media/ and write: file = "media/video.mp4"',
            )
        ],
    ),
    "an absolute path": (
        toml(('file = "media/film.mp4"', 'file = "/etc/passwd"')),
        [
            (
                'module.toml:45: error: "/etc/passwd" is not a file of the folder media/.',
                'Put the file into media/ and write: file = "media/video.mp4"',
            )
        ],
    ),
    "a reading's address not of the web": (
        toml(("https://example.org/paper", "ftp://example.org/paper")),
        [
            (
                'module.toml:54: error: "ftp://example.org/paper" is not an address of the web.',
                "Copy the whole address from the browser: it begins with https:// or http://",
            )
        ],
    ),
    "a misspelt section to complete": (
        toml(('sections = ["introduction", "questions"]', 'sections = ["introducton"]')),
        [
            (
                'module.toml:57: error: There is no section "introducton".',
                'Did you mean "introduction"?',
            )
        ],
    ),
    "a number for sections": (
        toml(('sections = ["introduction", "questions"]', "sections = 3")),
        [
            (
                (
                    'module.toml:57: error: "completion.sections" should be "all" or a list of '
                    "sections."
                ),
                'Write sections = "all" or, say, sections = ["introduction"]',
            )
        ],
    ),
    "an unknown choice": (
        toml(('guests = "read"', 'guests = "write"')),
        [
            (
                'module.toml:61: error: "discussion.guests" is "write", which is not known.',
                "It is one of: none, read and post.",
            )
        ],
    ),
}


MASTERY = {
    "0": '"completion.mastery" is 0, but it can only be from 1 to 100.',
    "101": '"completion.mastery" is 101, but it can only be from 1 to 100.',
    "0.8": '"completion.mastery" should be a whole number, but it is a number with decimals.',
    '"80%"': '"completion.mastery" should be a whole number, but it is a text.',
    "true": '"completion.mastery" should be a whole number, but it is true or false.',
}


def mastery(value: str) -> dict[str, str | bytes | None]:
    return toml(("questions = 1", f"questions = 1\nmastery = {value}"))


@pytest.mark.parametrize("value", MASTERY)
def test_a_mastery_is_a_whole_percentage(value: str, write: Write) -> None:
    problem = f"module.toml:59: error: {MASTERY[value]}"
    assert problems_of(write(mastery(value))) == [(problem, "Write it like this: mastery = 80")]


@pytest.mark.parametrize("value", [1, 80, 100])
def test_mastery(value: int, write: Write) -> None:
    assert read(write(mastery(str(value)))).completion.mastery == value


def test_no_mastery_by_default(write: Write) -> None:
    assert read(write({})).completion.mastery is None


@pytest.mark.parametrize("case", CASES)
def test_problems_are_reported_with_file_line_and_remedy(case: str, write: Write) -> None:
    changes, lines = CASES[case]
    assert problems_of(write(changes)) == lines
