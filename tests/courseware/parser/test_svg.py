"""Problems of SVG drawings."""

import pytest

from tests.courseware.conftest import Write
from tests.courseware.small import Files, Line, problems_of

CASES: dict[str, tuple[Files, list[Line]]] = {
    "a script": (
        {"media/cover.svg": b'<svg xmlns="http://www.w3.org/2000/svg">\n<script>1</script></svg>'},
        [
            (
                (
                    'media/cover.svg:2: error: The drawing has a part "script", which could run'
                    " a program."
                ),
                "Export the drawing again as plain SVG, or use a PNG.",
            )
        ],
    ),
    "an event handler": (
        {"media/cover.svg": b'<svg xmlns="http://www.w3.org/2000/svg">\n<g onclick="x"/></svg>'},
        [
            (
                "media/cover.svg:2: error: The drawing has a script.",
                "Export the drawing again as plain SVG, or use a PNG.",
            )
        ],
    ),
    "a picture of another site": (
        {
            "media/cover.svg": b'<svg xmlns="http://www.w3.org/2000/svg">\n'
            b'<image href="https://a.b/c.png"/></svg>'
        },
        [
            (
                "media/cover.svg:2: error: The drawing calls for something from another place.",
                "Export the drawing again as plain SVG, or use a PNG.",
            )
        ],
    ),
    "an entity": (
        {
            "media/cover.svg": b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>'
        },
        [
            (
                "media/cover.svg:1: error: The drawing defines entities of its own.",
                "Export the drawing again as plain SVG, or use a PNG.",
            )
        ],
    ),
    "not XML": (
        {"media/cover.svg": b"<svg>"},
        [
            (
                "media/cover.svg:1: error: The drawing cannot be read as SVG.",
                "Export the drawing again as plain SVG, or use a PNG.",
            )
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_problems_are_reported_with_file_line_and_remedy(case: str, write: Write) -> None:
    changes, lines = CASES[case]
    assert problems_of(write(changes)) == lines


@pytest.mark.parametrize(
    "inside",
    [
        "<foreignObject/>",
        '<a href="javascript:alert(1)"><path/></a>',
        '<use href="data:image/svg+xml,x"/>',
        '<style>@import "x.css";</style>',
        "<style>path { fill: url(https://example.org/x#y) }</style>",
        '<path style="fill: url(//example.org/x)"/>',
        '<animate attributeName="x" onbegin="alert(1)"/>',
        '<?xml-stylesheet href="x.css"?>',
    ],
)
def test_scripts_and_external_resources_are_errors(inside: str, write: Write) -> None:
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg">{inside}</svg>'
    assert [
        head.partition(" The")[0] for head, _ in problems_of(write({"media/cover.svg": drawing}))
    ] == ["media/cover.svg:1: error:"]


@pytest.mark.parametrize(
    "inside",
    [
        '<style>path { fill: url(#g) }</style><a href="https://example.org/"><path/></a>',
        '<defs><g id="a"/></defs><use href="#a"/><image href="data:image/png;base64,AAAA"/>',
        '<text font-family="serif">on &amp; on</text>',
    ],
)
def test_output_of_drawing_programs_is_accepted(inside: str, write: Write) -> None:
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg">{inside}</svg>'
    assert problems_of(write({"media/cover.svg": drawing})) == []


def test_other_xml_is_an_error(write: Write) -> None:
    assert problems_of(
        write({"media/cover.svg": "<html xmlns='http://www.w3.org/1999/xhtml'/>"})
    ) == [
        (
            (
                "media/cover.svg: error: The file is not really SVG, whatever its name says. "
                "It is a web page (HTML)."
            ),
            "Open it in the program that made it and save it again, with that ending.",
        )
    ]
