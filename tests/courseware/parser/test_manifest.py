"""Problems of the facts in module.toml: id, languages, titles."""

from pathlib import Path

import pytest

from tests.courseware.conftest import Write
from tests.courseware.small import Files, Line, problems_of, toml

ROOT = Path(__file__).parents[3]

CASES: dict[str, tuple[Files, list[Line]]] = {
    "no module.toml": (
        {"module.toml": None},
        [
            (
                'module.toml: error: The folder has no file "module.toml".',
                (
                    "Check that this is a module's folder; scorm-builder new makes one to start"
                    " from."
                ),
            )
        ],
    ),
    "a key below the wrong heading": (
        toml(("[title]", '[title]\nkeywords = ["a"]')),
        [
            (
                'module.toml:12: error: "keywords" is not one of the module\'s languages.',
                "Move the line to the top of the file, above the first [ heading ].",
            )
        ],
    ),
    "a misspelt language": (
        toml(('ar = "صغير"', 'arr = "صغير"')),
        [
            (
                'module.toml:11: warning: "title" is not translated to ar.',
                'Add a line below [title] for each, such as: ar = "…"',
            ),
            (
                'module.toml:13: error: "arr" is not one of the module\'s languages.',
                'Did you mean "ar"?',
            ),
        ],
    ),
    "no title": (
        toml(('[title]\nes = "Pequeño"\nar = "صغير"\n', "")),
        [
            (
                'module.toml: error: "title" is missing.',
                'Add two lines at the end: [title] and below it es = "…"',
            )
        ],
    ),
    "one title for all languages": (
        toml(
            ('[title]\nes = "Pequeño"\nar = "صغير"\n', ""),
            ("minutes = 10", 'minutes = 10\ntitle = "x"'),
        ),
        [
            (
                'module.toml:7: error: "title" should be written once for each language.',
                'Write [title] on a line of its own and below it, say: es = "…"',
            )
        ],
    ),
    "no title in the source language": (
        toml(('es = "Pequeño"\n', "")),
        [
            (
                'module.toml:11: error: "title" has no text in the source language.',
                'Add a line below [title]: es = "…"',
            )
        ],
    ),
    "a title not translated": (
        toml(('ar = "صغير"\n', "")),
        [
            (
                'module.toml:11: warning: "title" is not translated to ar.',
                'Add a line below [title] for each, such as: ar = "…"',
            )
        ],
    ),
    "a tag in another spelling": (
        toml(('languages = ["es", "ar"]', 'languages = ["es", "ar", "pt_br"]')),
        [('module.toml:5: error: "pt_br" is not the tag of a language.', 'Write "pt-BR".')],
    ),
    "a name instead of a tag": (
        toml(('languages = ["es", "ar"]', 'languages = ["es", "ar", "spanish"]')),
        [
            (
                'module.toml:5: error: "spanish" is not the tag of a language.',
                ("Write the language's short code (BCP 47), such as es, en, fr, pt-BR or zh-Hant."),
            )
        ],
    ),
    "a language listed twice": (
        toml(('languages = ["es", "ar"]', 'languages = ["es", "ar", "es"]')),
        [('module.toml:5: error: The language "es" is listed twice.', "Remove one.")],
    ),
    "a source language that is not listed": (
        toml(('source_language = "es"', 'source_language = "fr"')),
        [
            (
                'module.toml:4: error: The source language "fr" is not among the languages.',
                'Add "fr" to the list "languages".',
            ),
            (
                'module.toml:11: error: "title" has no text in the source language.',
                'Add a line below [title]: fr = "…"',
            ),
            (
                'module.toml:15: error: "summary" has no text in the source language.',
                'Add a line below [summary]: fr = "…"',
            ),
            (
                'module.toml:19: error: "cover_text" has no text in the source language.',
                'Add a line below [cover_text]: fr = "…"',
            ),
        ],
    ),
    "an id with a space": (
        toml(('id = "small"', 'id = "Small One"')),
        [
            (
                'module.toml:1: error: "Small One" cannot be an id.',
                "Use the letters a to z, digits and hyphens, at most 64 signs in all.",
            )
        ],
    ),
    "an id that is not the folder's name": (
        toml(('id = "small"', 'id = "smaller"')),
        [
            (
                (
                    'module.toml:1: warning: The id "smaller" is not the name of the folder, '
                    '"small".'
                ),
                "Give both the same name, so that people find one by the other.",
            )
        ],
    ),
    **{
        f"markup in a short text: {text}": (
            toml(('es = "Un módulo pequeño."', f"es = '{text}'")),
            [
                (
                    (
                        'module.toml:16: warning: "summary.es" has markup, which is shown as it '
                        f'is typed: "{text}".'
                    ),
                    "Write plain words: the short texts are no Markdown.",
                )
            ],
        )
        for text in ("**Un** módulo", "[x](https://a.b/)", "<b>x</b>", "`x`", "Es $x^2$", ":smile:")
    },
    "a short text with signs that are no markup": (
        toml(('es = "Un módulo pequeño."', 'es = "5 * 3 < 20; a_b_c & https://a.b/ (¡sí!)"')),
        [],
    ),
    "a licence by its name": (
        toml(("CC-BY-4.0", "CC BY 4.0")),
        [
            (
                'module.toml:7: error: "CC BY 4.0" is not the short code of a licence.',
                'Did you mean "CC-BY-4.0"?',
            )
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_problems_are_reported_with_file_line_and_remedy(case: str, write: Write) -> None:
    changes, lines = CASES[case]
    assert problems_of(write(changes)) == lines


def test_every_key_is_documented(write: Write) -> None:
    page = (ROOT / "docs" / "author.md").read_text()
    for place in ("[title]", "[videos.film]", "[readings.guide]", "[completion]", "[discussion]"):
        odd = toml((place, f"zzzzzz = 1\n{place}"), (f"{place}\n", f"{place}\nyyyyyy = 1\n"))
        remedies = [
            remedy for head, remedy in problems_of(write(odd)) if "is not a known key" in head
        ]
        assert remedies
        for remedy in remedies:
            keys = remedy.removeprefix("Remove it; the keys known here are ").rstrip(".")
            for key in keys.replace(" and ", ", ").split(", "):
                assert f"`{key}`" in page or f"[{key}" in page, key
