"""Characters that look like the ones that TOML needs, and invisible ones, are named."""

import pytest

from courseware.parser.lookalikes import look_alike
from tests.courseware.conftest import Write
from tests.courseware.small import problems_of, toml

VERSION = 'version = "1.0.0"'

OUTSIDE: list[tuple[str, str, str]] = [
    ("version = “1.0.0”", "a curly quotation mark “ (U+201C)", 'Write " instead.'),
    ('version = "1.0.0”', "a curly quotation mark ” (U+201D)", 'Write " instead.'),
    ("version = ‘1.0.0’", "a curly quotation mark ‘ (U+2018)", "Write ' instead."),
    ("version = «1.0.0»", "a curly quotation mark « (U+00AB)", 'Write " instead.'),
    ("version = „1.0.0“", "a curly quotation mark „ (U+201E)", 'Write " instead.'),
    ("version = ″1.0.0″", "a double prime ″ (U+2033)", 'Write " instead.'),
    ("version = ′1.0.0′", "a prime or an accent ′ (U+2032)", "Write ' instead."),
    ("version = ＂1.0.0＂", "a full-width or decorated sign ＂ (U+FF02)", 'Write " instead.'),
    ('version\xa0= "1.0.0"', "a no-break space (U+00A0)", "Write an ordinary space instead."),
    ('version\u202f= "1.0.0"', "a no-break space (U+202F)", "Write an ordinary space instead."),
    ('version\u3000= "1.0.0"', "a special space (U+3000)", "Write an ordinary space instead."),
    ('version\u200b = "1.0.0"', "an invisible character (U+200B)", "Delete it, or write the"),
    ('version = \ufeff"1.0.0"', "a byte order mark (BOM), which is invisible, (U+FEFF)", "Delete"),
    ('version = "1.0.0"\x0c', "an invisible line break (U+000C)", "Write an ordinary one"),
    ('version ＝ "1.0.0"', "a full-width or decorated sign ＝ (U+FF1D)", "Write = instead."),
    ("ｖersion = 1", "a full-width or decorated sign ｖ (U+FF56)", "Write v instead."),
    ("number = –5", "a dash – (U+2013)", "Write - instead."),
    ("number = −5", "a minus sign − (U+2212)", "Write - instead."),
    ("number = ٥", "a digit of another script ٥ (U+0665)", "Write 5 instead."),
    ("pt‑BR = 1", "a special hyphen ‑ (U+2011)", "Write - instead."),
]  # fmt: skip


@pytest.mark.parametrize(("line", "name", "remedy"), OUTSIDE)
def test_a_look_alike_outside_of_a_text_is_named_with_its_line(
    line: str, name: str, remedy: str, write: Write
) -> None:
    [(message, what)] = problems_of(write(toml((VERSION, line))))
    assert message.startswith(f"module.toml:3: error: There is {name}")
    assert what.startswith(remedy)


def test_all_lines_are_reported_at_once(write: Write) -> None:
    changes = toml((VERSION, "version = “1.0.0”"), ("minutes = 10", "minutes\xa0= 10"))
    assert [line[:22] for line, _ in problems_of(write(changes))] == [
        "module.toml:3: error: ",
        "module.toml:6: error: ",
    ]


def test_a_letter_with_an_accent_in_a_key(write: Write) -> None:
    assert problems_of(write(toml((VERSION, 'versión = "1.0.0"')))) == [
        (
            'module.toml:3: error: "ó" cannot stand here, outside of a text.',
            "A text needs quotation marks; a key has the letters a to z, digits and hyphens.",
        )
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('es = "Pequeño"', 'es = "“Pequeño” – «a\xa0b»"'),
        ('es = "Pequeño"', 'es = """\n“Pequeño” –\n"""'),
        ('es = "Pequeño"', 'es = "Pequeño"  # “comment” –'),
        ('version = "1.0.0"', '\tversion\t=\t"1.0.0"'),
    ],
)
def test_texts_and_comments_can_have_every_sign(old: str, new: str, write: Write) -> None:
    assert problems_of(write(toml((old, new)))) == []


def test_signs_in_texts_are_not_to_blame_for_another_error(write: Write) -> None:
    changes = toml(
        ('es = "Pequeño"', 'es = "“Pequeño” – «a»" # “x”'), ('es = "Un dibujo."', 'es = "Un díbujo')
    )
    [(message, remedy)] = problems_of(write(changes))
    assert message.endswith("a text is not closed.")
    assert remedy == "End the text with a quotation mark."


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            VERSION,
            'version = "1.0.0\u200b"',
            '"1.0.0\\u200b" cannot be a version: it has an invisible character (U+200B).',
        ),
        (
            'licence = "CC-BY-4.0"',
            'licence = "CC–BY–4.0"',
            '"CC–BY–4.0" is not the short code of a licence: it has a dash – (U+2013).',
        ),
        (
            'language = "en"',
            'language = "pt‑BR"',
            '"pt‑BR" is not the tag of a language: it has a special hyphen ‑ (U+2011).',
        ),
        (
            'id = "introduction"',
            'id = "intro‑duction"',
            '"intro‑duction" cannot be an id: it has a special hyphen ‑ (U+2011).',
        ),
    ],
)
def test_look_alikes_in_values_are_named(old: str, new: str, message: str, write: Write) -> None:
    found = [line.partition("error: ")[2] for line, _ in problems_of(write(toml((old, new))))]
    assert message in found


@pytest.mark.parametrize("sign", list("aé文ñ-_.\"'#=[]{}ءक"))
def test_other_signs_are_no_look_alikes(sign: str) -> None:
    assert look_alike(sign) is None
