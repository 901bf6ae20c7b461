"""Problems of TOML syntax and of values of the wrong type."""

import tomllib

import pytest

from courseware.parser.toml_table import Lines
from tests.courseware.conftest import Write
from tests.courseware.small import Files, Line, problems_of, toml

CASES: dict[str, tuple[Files, list[Line]]] = {
    "a key without a value": (
        toml(("minutes = 10", "minutes = ")),
        [
            (
                (
                    "module.toml:6: error: The file cannot be understood from here on: what "
                    "stands after the = cannot be read."
                ),
                "A text needs quotation marks.",
            )
        ],
    ),
    "a text without quotation marks": (
        toml(('version = "1.0.0"', "version = 1.0.0")),
        [
            (
                (
                    "module.toml:3: error: The file cannot be understood from here on: there is"
                    " too much in this line."
                ),
                "A text needs quotation marks.",
            )
        ],
    ),
    "a list that is not closed": (
        toml(('authors = ["Ana"]', 'authors = ["Ana"')),
        [
            (
                (
                    "module.toml:9: error: The file cannot be understood from here on: a list "
                    "is not closed."
                ),
                "End the list with a ].",
            )
        ],
    ),
    "a key written twice": (
        toml(("minutes = 10", "minutes = 10\nminutes = 11")),
        [
            (
                (
                    "module.toml:7: error: The file cannot be understood from here on: this key"
                    " stands here for the second time."
                ),
                "Remove one of the two.",
            )
        ],
    ),
    "a heading that is not closed": (
        toml(("must_post_first = false\n", "must_post_first = false\n[x")),
        [
            (
                (
                    "module.toml:63: error: The file cannot be understood from here on: a [ "
                    "heading ] is not closed."
                ),
                "End the heading with a ].",
            )
        ],
    ),
    "a misspelt key": (
        toml(("minutes = 10", 'minutes = 10\nauthor = "x"')),
        [('module.toml:7: error: "author" is not a known key.', 'Did you mean "authors"?')],
    ),
    "a misspelt key of a section": (
        toml(('letter = "a"', 'leter = "a"')),
        [('module.toml:26: error: "sections.leter" is not a known key.', 'Did you mean "letter"?')],
    ),
    "a misspelt key of a video": (
        toml(("seconds = 65", "second = 65")),
        [
            (
                'module.toml:47: error: "videos.film.second" is not a known key.',
                'Did you mean "seconds"?',
            )
        ],
    ),
    "a text for a number": (
        toml(("minutes = 10", 'minutes = "10"')),
        [
            (
                'module.toml:6: error: "minutes" should be a whole number, but it is a text.',
                "Write it like this: minutes = 45",
            )
        ],
    ),
    "a number for a text": (
        toml(('version = "1.0.0"', "version = 1.0")),
        [
            (
                (
                    'module.toml:3: error: "version" should be a text, but it is a number with '
                    "decimals."
                ),
                'Write it like this: version = "1.0.0"',
            )
        ],
    ),
    "a key that is missing": (
        toml(("minutes = 10\n", "")),
        [
            (
                'module.toml: error: "minutes" is missing.',
                "Add a line at the top of the file: minutes = 45",
            )
        ],
    ),
    "a number out of range": (
        toml(("minutes = 10", "minutes = 0")),
        [
            (
                'module.toml:6: error: "minutes" is 0, but it can only be from 1 to 100,000.',
                "Write it like this: minutes = 45",
            )
        ],
    ),
    "a list of numbers": (
        toml(('authors = ["Ana"]', "authors = [1]")),
        [
            (
                'module.toml:8: error: "authors" should be a list of texts, none of them empty.',
                'Write it like this: authors = ["Name of a person"]',
            )
        ],
    ),
    "an empty list": (
        toml(('authors = ["Ana"]', "authors = []")),
        [
            (
                'module.toml:8: error: "authors" should be a list of texts, none of them empty.',
                'Write it like this: authors = ["Name of a person"]',
            )
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_problems_are_reported_with_file_line_and_remedy(case: str, write: Write) -> None:
    changes, lines = CASES[case]
    assert problems_of(write(changes)) == lines


def test_the_line_of_every_value() -> None:
    text = """\
id = "x" # = "y"
"quoted key" = 1
a.b = 2
list = [
  "[not.a.header]",
  "key = 3",
]
long = \"\"\"
[nor.this]
key = 4 \"\"\"
[title]
es = '''
es = 5'''
en = "#"
[[sections]]
id = "one"
[sections.more]
deep = 6
[[sections]]
id = "two"
[videos."a-b"]
file = { x = 7 }
"""
    lines = Lines(text)
    assert tomllib.loads(text)
    assert {
        path: lines.of(path)
        for path in [
            ("id",), ("quoted key",), ("a", "b"), ("list",), ("long",), ("title",),
            ("title", "es"), ("title", "en"), ("sections", 0), ("sections", 0, "id"),
            ("sections", 0, "more", "deep"), ("sections", 1, "id"), ("sections", 1, "absent"),
            ("videos", "a-b", "file"), ("videos", "a-b", "file", "x"), ("key",), ("absent",),
        ]
    } == {
        ("id",): 1, ("quoted key",): 2, ("a", "b"): 3, ("list",): 4, ("long",): 8, ("title",): 11,
        ("title", "es"): 12, ("title", "en"): 14, ("sections", 0): 15, ("sections", 0, "id"): 16,
        ("sections", 0, "more", "deep"): 18, ("sections", 1, "id"): 20,
        ("sections", 1, "absent"): 19, ("videos", "a-b", "file"): 22,
        ("videos", "a-b", "file", "x"): 22, ("key",): None, ("absent",): None,
    }  # fmt: skip


def test_deep_nesting_is_an_error(write: Write) -> None:
    ((head, _),) = problems_of(write({"module.toml": "a = " + "[" * 100_000}))
    assert head.startswith("module.toml")


def test_a_number_of_thousands_of_digits_is_an_error(write: Write) -> None:
    assert problems_of(write(toml(("minutes = 10", "minutes = 0x" + "f" * 9000))))
    assert problems_of(write(toml(("minutes = 10", "minutes = " + "9" * 9000))))
