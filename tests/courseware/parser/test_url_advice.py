"""What to write instead of a URL or path that cannot be used."""

import pytest

from courseware.parser.url_advice import url_advice
from tests.courseware.conftest import Write
from tests.courseware.small import es, problems_of, toml

COMPUTER = (
    "This is a place on your own computer: put the file into media/ and write ../media/ and its "
    "name."
)


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("www.example.org", "Write https:// before it: https://www.example.org"),
        ("www.example.org/a?b=c", "Write https:// before it: https://www.example.org/a?b=c"),
        ("example.org/guide", "Write https:// before it: https://example.org/guide"),
        ("un.org", "Write https:// before it: https://un.org"),
        ("//example.org/a", "Write https: before it: https://example.org/a"),
        ("https//example.org", "Write https://example.org"),
        ("https:/example.org", "Write https://example.org"),
        ("http:example.org", "Write http://example.org"),
        ("ana@example.org", "Write mailto: before it: mailto:ana@example.org"),
        ("ana.b+c@mail.example.org", "Write mailto: before it: mailto:ana.b+c@mail.example.org"),
        ("https://example.org/a b", "Write %20 instead of each space: https://example.org/a%20b"),
        ("media\\a.png", "Write / instead of \\: media/a.png"),
        ("..\\media\\a.png", "Write / instead of \\: ../media/a.png"),
        ("/media/a.png", "Write ../media/a.png"),
        ("C:\\Users\\ana\\a.png", COMPUTER),
        ("D:/a.png", COMPUTER),
        ("file:///home/ana/a.png", COMPUTER),
        ("/Users/ana/a.png", COMPUTER),
        ("other.txt", None),
        ("videos.md", None),
        ("../../secret.pdf", None),
        ("javascript:alert(1)", None),
        ("ftp://a.b", None),
        ("https://", None),
        ("", None),
    ],
)
def test_advice_for_a_link(url: str, advice: str | None) -> None:
    assert url_advice(url) == advice


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("media\\a.png", "Write / instead of \\: media/a.png"),
        ("https://a.b/c.png", "Save the picture of the other site into media/"),
        ("//a.b/c.png", "Save the picture of the other site into media/"),
        ("data:image/png;base64,AAAA", "Save the picture as a file in media/"),
        ("www.example.org/a.png", None),
        ("a.png", None),
    ],
)
def test_advice_for_a_picture(url: str, advice: str | None) -> None:
    found = url_advice(url, paths=True)
    assert (found or "").startswith(advice or "")
    assert (found is None) == (advice is None)


@pytest.mark.parametrize("path", ["media\\film.mp4", "media\\\\film.mp4", "media\\thing.mp4"])
def test_a_backslash_in_a_path_of_module_toml(path: str, write: Write) -> None:
    found = problems_of(write(toml(('file = "media/film.mp4"', f'file = "{path}"'))))
    assert found[0] == (
        'module.toml:45: error: The path of "videos.film.file" has a backslash (\\).',
        'Write / instead of \\, like this: file = "media/video.mp4"',
    )


def test_a_link_to_the_page_in_another_language(write: Write) -> None:
    changes = es("introduction", "# I\n\n![m](../media/map.png) [x](../ar/introduction.md)\n")
    assert problems_of(write(changes)) == [
        (
            (
                'es/introduction.md:3: warning: The link "../ar/introduction.md" leads to the page '
                "in the reader's language, not to another one."
            ),
            "Write introduction.md instead.",
        )
    ]
