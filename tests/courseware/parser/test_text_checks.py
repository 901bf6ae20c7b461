"""Problems of links, pictures and HTML in texts."""

import pytest

from tests.courseware.conftest import Write
from tests.courseware.small import Files, Line, es, problems_of

CASES: dict[str, tuple[Files, list[Line]]] = {
    "a link to an id that is not there": (
        es("introduction", "# I\n\nVe a\n[x](#fim).\n"),
        [
            (
                (
                    'es/introduction.md:4: error: The link "#fim" leads nowhere: nothing here '
                    "has that id."
                ),
                'Did you mean "film"?',
            )
        ],
    ),
    "a link to a file that is not there": (
        es("introduction", "# I\n\nVe a\n[x](../media/mapp.png).\n"),
        [
            (
                'es/introduction.md:4: error: There is no file "media/mapp.png".',
                'Did you mean "media/map.png"?',
            )
        ],
    ),
    "a link to a section that is not there": (
        es("introduction", "# I\n\n[x](vidos.md)\n"),
        [
            (
                (
                    'es/introduction.md:3: error: The link "vidos.md" leads nowhere: nothing '
                    "here has that id."
                ),
                'Did you mean "videos"?',
            )
        ],
    ),
    "links out of the folder": (
        es("introduction", "# I\n\n[x](../../secret.pdf) [y](/etc/passwd) [z](other.txt) []()\n"),
        [
            (
                (
                    'es/introduction.md:3: error: The link "../../secret.pdf" leads to a file '
                    "outside media/."
                ),
                "Put the file into media/ and write ../media/ and its name.",
            ),
            (
                (
                    'es/introduction.md:3: error: The link "/etc/passwd" leads to a file '
                    "outside media/."
                ),
                "Put the file into media/ and write ../media/ and its name.",
            ),
            (
                (
                    'es/introduction.md:3: error: The link "other.txt" leads to a file outside '
                    "media/."
                ),
                "Put the file into media/ and write ../media/ and its name.",
            ),
            (
                "es/introduction.md:3: error: The link has no address.",
                "Write it between the round brackets.",
            ),
        ],
    ),
    "addresses that cannot be linked": (
        es(
            "introduction",
            "# I\n\n[x](javascript:alert(1)) [y](//a.b) [z](https://) [w](ftp://a.b)\n",
        ),
        [
            (
                (
                    'es/introduction.md:3: error: "javascript:alert(1)" is not an address that '
                    "a module can link to."
                ),
                (
                    "Copy the whole address from the browser: it begins with https:// (or use "
                    "mailto:)."
                ),
            ),
            (
                (
                    'es/introduction.md:3: error: "//a.b" is not an address that a module can '
                    "link to."
                ),
                (
                    "Copy the whole address from the browser: it begins with https:// (or use "
                    "mailto:)."
                ),
            ),
            (
                (
                    'es/introduction.md:3: error: "https://" is not an address that a module '
                    "can link to."
                ),
                (
                    "Copy the whole address from the browser: it begins with https:// (or use "
                    "mailto:)."
                ),
            ),
            (
                (
                    'es/introduction.md:3: error: "ftp://a.b" is not an address that a module '
                    "can link to."
                ),
                (
                    "Copy the whole address from the browser: it begins with https:// (or use "
                    "mailto:)."
                ),
            ),
        ],
    ),
    "a picture without words": (
        es("introduction", "# I\n\nUno\ndos ![](../media/map.png)\n"),
        [
            (
                (
                    'es/introduction.md:4: error: The picture "../media/map.png" has no words '
                    "for people who cannot see it."
                ),
                "Write between the brackets what it shows: ![A map of …](../media/map.png)",
            )
        ],
    ),
    "a picture of another site": (
        es("introduction", "# I\n\n![mapa](https://a.b/c.png)\n"),
        [
            (
                (
                    'es/introduction.md:3: error: The picture "https://a.b/c.png" is not in the'
                    " module's folder."
                ),
                (
                    "Save the picture of the other site into media/, if its licence allows it, "
                    "and write ../media/ and its name."
                ),
            )
        ],
    ),
    "raw HTML": (
        es("introduction", "# I\n\n<div>hola</div>\n\nUn <b>x</b> <!-- nota -->\n"),
        [
            (
                'es/introduction.md:3: warning: HTML is left out: "<div>hola</div>".',
                "Write it in Markdown; if the sign < is meant itself, write \\< instead.",
            ),
            (
                'es/introduction.md:5: warning: HTML is left out: "<b>".',
                "Write **strong** instead.",
            ),
            (
                "media/map.png: warning: Nothing in the module shows this file.",
                "Remove it, move it to sources/, or link to it: it is not packaged.",
            ),
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_problems_are_reported_with_file_line_and_remedy(case: str, write: Write) -> None:
    changes, lines = CASES[case]
    assert problems_of(write(changes)) == lines


@pytest.mark.parametrize("line", ["##Uno {#uno}", "##\xa0Uno {#uno}", "#Uno {#uno}", "####### Uno"])
def test_a_missed_heading_is_reported_once(line: str, write: Write) -> None:
    found = problems_of(write(es("questions", f"# P\n\n## ¿Por qué? {{#why}}\n\n{line}\n")))
    lines = [problem for problem, _ in found if problem.startswith("es/questions.md:5:")]
    assert len(lines) == 1
    assert "is no heading, because" in lines[0]


HTML: list[tuple[str, str | None, str]] = [
    ("a<br>b", '"<br>"', "End the line with a \\ to begin a new one."),
    ("H<sub>2</sub>O", '"<sub>"', "Write the lowered sign itself: H₂O, CO₂."),
    ("x<SUP>2</SUP>", '"<SUP>"', "Write the raised sign itself: x², 1.º."),
    ("<kbd>Ctrl</kbd>", '"<kbd>"', "Write it as code: `Ctrl`."),
    ("a <img src=x> b", '"<img src=x>"', "Write ![what it shows](../media/name.png) instead."),
    ("<a href='x'>b</a>", "\"<a href='x'>\"", "Write [words](https://…) instead."),
    ("<Tabs>\n</Tabs>", '"<Tabs> </Tabs>"', "Write it in Markdown;"),
    ("<div>\nhola\n</div>", '"<div> hola </div>"', "Write it in Markdown;"),
    ("</div> hola", '"</div> hola"', "Write it in Markdown;"),
    ("<!-- nota --> visible", '"visible"', "Write it in Markdown;"),
    ("<?php x ?>", '"<?php x ?>"', "Write it in Markdown;"),
    ("<!-- nota", "A comment begins here and is not closed", "End it with -->."),
    ("<!-- nota -->", None, ""),
    ("<!-- a -->\n<!-- b -->", None, ""),
    ("uno <!-- a --> dos", None, ""),
    ("`<br>` y \\<br> y &lt;br>", None, ""),
    ("</div>", None, ""),
]


@pytest.mark.parametrize(("html", "shown", "remedy"), HTML)
def test_html_is_left_out_with_a_warning(
    html: str, shown: str | None, remedy: str, write: Write
) -> None:
    found = [
        (line, what)
        for line, what in problems_of(write(es("introduction", f"# I\n\n{html}\n")))
        if line.startswith("es/introduction.md:3: warning: ")
    ]
    if shown is None:
        assert found == []
        return
    [(line, what)] = found
    assert shown in line
    assert what.startswith(remedy)


def test_html_of_several_lines_is_named_with_the_last_one(write: Write) -> None:
    found = problems_of(write(es("introduction", "# I\n\n<div>\nhola\n</div>\n\nfin\n")))
    assert found[0][0] == (
        "es/introduction.md:3: warning: HTML is left out, with the words in it, up to line 5: "
        '"<div> hola </div>".'
    )


def test_many_comments_take_linear_time(write: Write) -> None:
    text = "# I\n\n" + "<!---->" * 20_000 + "x\n"
    assert problems_of(write(es("introduction", text)))[0][0].endswith('HTML is left out: "x".')


def test_markup_of_other_dialects_has_the_line_of_the_file(write: Write) -> None:
    text = "# P\n\n## ¿Por qué? {#why}\n\n## ¿Cómo? {#how}\n\nUno\n==dos==\n\n- [ ] tres\n"
    assert problems_of(write(es("questions", text))) == [
        (
            (
                'es/questions.md:8: warning: There is no highlighting: "==dos==" is shown as it '
                "is typed."
            ),
            "Write **strong** or *emphasis* instead.",
        ),
        (
            (
                'es/questions.md:10: warning: There are no boxes to tick: "[ ] tres" is shown as '
                "it is typed."
            ),
            "Write ☐ or ☑ instead of the square brackets.",
        ),
    ]
