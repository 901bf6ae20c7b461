"""What is said of the shape of a section's file."""

from pathlib import Path

import pytest

from courseware.module import Text
from courseware.parser.reader import read
from tests.courseware.conftest import Write
from tests.courseware.small import Files, Said, es, said

CASES: dict[str, tuple[Files, list[Said]]] = {
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


@pytest.mark.parametrize("case", CASES)
def test_says_what_is_wrong_and_where(case: str, write: Write) -> None:
    changes, lines = CASES[case]
    assert said(write(changes)) == lines


def test_items_end_where_the_next_begins_and_code_is_not_a_heading(write: Write) -> None:
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


def test_the_title_above_a_transcript_is_left_out(small: Path) -> None:
    (section,) = (one for one in read(small).sections if one.id == "videos")
    (video,) = section.items
    assert video.transcripts["es"] == Text("es", "es/film.transcript.md", 3, "Hola.")
    assert video.transcripts["ar"] == Text("ar", "ar/film.transcript.md", 1, "مرحبا.")
