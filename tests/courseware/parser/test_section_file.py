"""Splitting the file of a section: titles, items, ids, and the messages about them."""

from pathlib import Path

import pytest

from courseware.module import Text
from courseware.parser.reader import check, read
from courseware.parser.report import Report
from courseware.parser.section_file import split
from tests.courseware.conftest import Write
from tests.courseware.small import Files, Line, es, problems_of

NO_FRONT_MATTER = (
    'Remove it: module.toml has what is about the whole module. Begin with "# " and the title.'
)
UNUSED_MAP = (
    "media/map.png: warning: Nothing in the module shows this file.",
    "Remove it, move it to sources/, or link to it: it is not packaged.",
)

CASES: dict[str, tuple[Files, list[Line]]] = {
    **{
        f"front matter: {text.split()[0]}": (
            es("introduction", text),
            [
                (
                    f"es/introduction.md:{first}: error: The file begins with front matter, up to "
                    f"line {last}, which is not read.",
                    NO_FRONT_MATTER,
                )
            ],
        )
        for text, first, last in (
            ("---\ntitle: Hola\n---\n\n# Hola\n\nx\n", 1, 3),
            ("\n\n--- \ntitle: Hola\n...\n# Hola\n\nx\n", 3, 5),
            ('+++\ntitle = "Hola"\ndraft = true\n+++\n# Hola\n\nx\n', 1, 4),
        )
    },
    "a line above the title, which is no front matter": (
        es("introduction", "---\n\n# Hola\n\nx\n"),
        [
            (
                "es/introduction.md:1: error: The file does not begin with the section's title.",
                'Write "# " (a hash sign and a space) and the title in its first line.',
            )
        ],
    ),
    "what a title leaves out or shows as it is typed": (
        es("introduction", "# Hola [x](https://a.b/) ![y](z.png) <b>z</b> $x^2$ {#hola}\n\nx\n"),
        [
            (
                'es/introduction.md:1: warning: The id "hola" of the title is not used.',
                "Remove it: the id of a section is the name of its file.",
            ),
            (
                "es/introduction.md:1: warning: A title has no links or pictures, so "
                '"https://a.b/" is left out.',
                "Write it in the text below the title.",
            ),
            (
                "es/introduction.md:1: warning: A title has no links or pictures, so "
                '"z.png" is left out.',
                "Write it in the text below the title.",
            ),
            (
                'es/introduction.md:1: warning: HTML is left out: "<b>".',
                "Write **strong** instead.",
            ),
            (
                'es/introduction.md:1: warning: Formulas cannot be written here: "$x^2$" is shown '
                "as it is typed.",
                "Write it with ordinary signs (x², √2, ½), or as a picture with its words.",
            ),
            UNUSED_MAP,
        ],
    ),
    "the title of an item": (
        es("questions", "# P\n\n## [¿Por qué?](https://a.b/) {#why}\n\n## ¿Cómo? :smile: {#how}\n"),
        [
            (
                "es/questions.md:3: warning: A title has no links or pictures, so "
                '"https://a.b/" is left out.',
                "Write it in the text below the title.",
            ),
            (
                'es/questions.md:5: warning: Short codes of emoji are not replaced: ":smile:" is '
                "shown as it is typed.",
                "Write the emoji itself.",
            ),
        ],
    ),
    "no title": (
        es("introduction", "Hola\n"),
        [
            (
                "es/introduction.md:1: error: The file does not begin with the section's title.",
                'Write "# " (a hash sign and a space) and the title in its first line.',
            )
        ],
    ),
    "a second title": (
        es("introduction", "# Hola\n\nx\n\n# Otra\n\ny"),
        [
            (
                (
                    "es/introduction.md:5: warning: This is a second title: a file has one line"
                    " that begins with a single #."
                ),
                "Begin the line with ## or more.",
            ),
            (
                "media/map.png: warning: Nothing in the module shows this file.",
                "Remove it, move it to sources/, or link to it: it is not packaged.",
            ),
        ],
    ),
    "a question without an id": (
        es("questions", "# Preguntas\n\n## ¿Por qué?\n"),
        [
            (
                'es/questions.md:3: error: "¿Por qué?" has no id.',
                (
                    "End the line with an id that will never change, such as {#my-id}. Use the "
                    "letters a to z, digits and hyphens, at most 64 signs in all."
                ),
            )
        ],
    ),
    "an id with a capital and a space": (
        es("questions", "# Preguntas\n\n## ¿Por qué? {#Por que}\n"),
        [
            (
                'es/questions.md:3: error: "Por que" cannot be an id.',
                (
                    "End the line with an id that will never change, such as {#my-id}. Use the "
                    "letters a to z, digits and hyphens, at most 64 signs in all."
                ),
            )
        ],
    ),
    "an id used twice": (
        es("questions", "# Preguntas\n\n## ¿Por qué? {#why}\n\n## Y {#why}\n\n## Z {#how}\n"),
        [
            (
                'es/questions.md:5: error: The id "why" is used twice: first in line 3.',
                "Give one of them another id.",
            )
        ],
    ),
}


_ADVICE = (
    "Write an ordinary space after the {0}; if the signs # are meant themselves, write "
    "\\{0} instead."
)
_NO_HEADING = {
    "no space": ("##¿Y? {#why}", "no space follows the ##"),
    "a no-break space": (
        "##\u00a0¿Y? {#why}",
        "what follows the ## is a no-break space, not an ordinary one",
    ),
    "a narrow no-break space": (
        "##\u202f¿Y? {#why}",
        "what follows the ## is a no-break space, not an ordinary one",
    ),
    "one sign": ("#¿Y? {#why}", "no space follows the #"),
    "in the middle of a paragraph": ("Antes.\n##¿Y? {#why}", "no space follows the ##"),
    "in a list": ("- ##¿Y? {#why}", "no space follows the ##"),
}


@pytest.mark.parametrize("case", _NO_HEADING)
def test_an_item_that_is_no_heading_is_an_error(case: str, write: Write) -> None:
    text, why = _NO_HEADING[case]
    source = "# Preguntas\n\n## Uno {#one}\n\nUn texto.\n\n" + text + "\n"
    found = [one for one in check(write(es("questions", source))) if "no heading" in one.message]
    (problem,) = found
    assert (problem.level, problem.file) == ("error", "es/questions.md")
    assert problem.line == 7 + text.count("\n")
    assert problem.message.endswith(f"is no heading, because {why}.")
    hashes = "#" if case == "one sign" else "##"
    assert problem.remedy == _ADVICE.format(hashes)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("##Título", "warning"),
        ("### Título", None),
        ("#etiqueta", None),
        ("`##código`", None),
        ("    ##código", None),
        ("\\##Título", None),
        ("C ## D", None),
    ],
)
def test_a_line_that_looks_like_a_heading(text: str, level: str | None, write: Write) -> None:
    folder = write(es("discussion", f"# Foro\n\nUn texto.\n\n{text}\n"))
    found = {one.level for one in check(folder) if "no heading" in one.message}
    assert found == ({level} if level else set())


_ITEMS = {
    "underlined": ("¿Uno? {#one}\n------\n\nPista.\n", [("one", "¿Uno?", 6, "Pista.")]),
    "underlined, two lines": ("¿Uno\no *dos*? {#one}\n---\n", [("one", "¿Uno o dos?", 6, "")]),
    "closing signs": ("## Uno {#one} ##\nPista.\n", [("one", "Uno", 4, "Pista.")]),
    "indented by three": ("   ## Uno {#one}\n", [("one", "Uno", 4, "")]),
    "a tab after the signs": ("##\tUno {#one}\n", [("one", "Uno", 4, "")]),
    "after a paragraph": ("## Uno {#one}\nA\n## Dos {#two}\nB\n",
                          [("one", "Uno", 4, "A"), ("two", "Dos", 6, "B")]),
    "in a comment": ("## Uno {#one}\n\n<!--\n## Dos {#two}\n-->\n",
                     [("one", "Uno", 5, "<!--\n## Dos {#two}\n-->")]),
    "in code": ("## Uno {#one}\n\n    ## Dos {#two}\n\n```\n## Tres {#three}\n",
                [("one", "Uno", 5, "    ## Dos {#two}\n\n```\n## Tres {#three}")]),
    "in a quotation": ("## Uno {#one}\n\n> ## Dos\n", [("one", "Uno", 5, "> ## Dos")]),
    "in a list": ("## Uno {#one}\n\n- x\n\n  ## Dos\n",
                  [("one", "Uno", 5, "- x\n\n  ## Dos")]),
}  # fmt: skip


@pytest.mark.parametrize("case", _ITEMS)
def test_items_are_the_headings_of_the_markdown_parser(case: str) -> None:
    text, expected = _ITEMS[case]
    report = Report()
    file = split(f"# Título\n\n{text}", file="a.md", language="es", with_items=True, report=report)
    assert report.problems() == ()
    assert file is not None
    assert [
        (one.id, one.title, one.text.line, one.text.markdown) for one in file.items.values()
    ] == expected


def test_an_underlined_title() -> None:
    file = split(
        "Título\n======\n\nTexto.\n", file="a.md", language="es", with_items=False, report=Report()
    )
    assert file is not None
    assert (file.title, file.text) == ("Título", Text("es", "a.md", 4, "Texto."))


@pytest.mark.parametrize("case", CASES)
def test_problems_are_reported_with_file_line_and_remedy(case: str, write: Write) -> None:
    changes, lines = CASES[case]
    assert problems_of(write(changes)) == lines


def test_the_end_of_an_item(write: Write) -> None:
    text = (
        "# Preguntas ##\n\nAntes.\n\n## *Uno* y `dos` {#one} \n\nCuerpo.\n\n```\n## No {#no}\n```\n"
        "\n### Dentro\n\n##  Tres   {# three }\n~~~~\n~~~\n## Tampoco {#no}\n~~~~\n"
    )
    arabic = "# أسئلة\n\n## لماذا؟ {#one}\n\n## كيف؟ {#three}\n"
    module = read(write({"es/questions.md": text, "ar/questions.md": arabic}))
    section = next(section for section in module.sections if section.id == "questions")
    assert section.titles["es"] == "Preguntas"
    assert section.texts["es"] == Text("es", "es/questions.md", 3, "Antes.")
    assert [(item.id, item.titles["es"]) for item in section.items] == [
        ("one", "Uno y dos"),
        ("three", "Tres"),
    ]
    assert section.items[0].texts["es"].line == 7
    assert section.items[0].texts["es"].markdown == (
        "Cuerpo.\n\n```\n## No {#no}\n```\n\n### Dentro"
    )


def test_the_title_of_a_transcript_is_removed(small: Path) -> None:
    (section,) = (one for one in read(small).sections if one.id == "videos")
    (video,) = section.items
    assert video.transcripts["es"] == Text("es", "es/film.transcript.md", 3, "Hola.")
    assert video.transcripts["ar"] == Text("ar", "ar/film.transcript.md", 1, "مرحبا.")
