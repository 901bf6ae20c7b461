"""Reading a whole module: its problems and the result."""

import pytest

from tests.courseware.conftest import Write
from tests.courseware.small import Files, Line, es, problems_of, toml

CASES: dict[str, tuple[Files, list[Line]]] = {
    "a language without a folder": (
        toml(('languages = ["es", "ar"]', 'languages = ["es", "ar", "fr"]')),
        [
            (
                (
                    'module.toml:5: warning: The language "fr" is listed, but there is no '
                    "folder fr/."
                ),
                "Translate the module there, or take the language off the list.",
            ),
            (
                'module.toml:11: warning: "title" is not translated to fr.',
                'Add a line below [title] for each, such as: fr = "…"',
            ),
            (
                'module.toml:15: warning: "summary" is not translated to fr.',
                'Add a line below [summary] for each, such as: fr = "…"',
            ),
            (
                'module.toml:19: warning: "cover_text" is not translated to fr.',
                'Add a line below [cover_text] for each, such as: fr = "…"',
            ),
        ],
    ),
    "more answers than questions": (
        toml(("questions = 1", "questions = 9")),
        [
            (
                (
                    "module.toml:58: error: To complete the module 9 questions must be "
                    "answered, but it has 2."
                ),
                'Write a smaller number for "questions" below [completion].',
            )
        ],
    ),
    "a section without a file": (
        es("questions", None),
        [
            (
                'es/questions.md: error: The text of the section "questions" is missing.',
                'Write it: a first line with "# " and the title, then the text.',
            )
        ],
    ),
    "a section's file under another name": (
        es("questions", None) | {"es/question.md": "# Q\n"},
        [
            (
                "es/question.md: warning: Nothing in the module shows this file.",
                'Should its name be "es/questions.md"?',
            ),
            (
                'es/questions.md: error: The text of the section "questions" is missing.',
                'Is it "es/question.md"? Give it this name.',
            ),
        ],
    ),
    "a section not translated": (
        {"ar/questions.md": None},
        [
            (
                'ar/questions.md: warning: The section "questions" is not translated to ar.',
                "Until then it is shown in es.",
            )
        ],
    ),
    "a section without a text": (
        es("introduction", "# Hola\n"),
        [
            (
                "es/introduction.md: error: The section has a title and nothing else.",
                "Write its text.",
            )
        ],
    ),
    "an empty file": (
        es("introduction", ""),
        [
            (
                "es/introduction.md: error: The file is empty.",
                'Write "# " and the title in its first line.',
            )
        ],
    ),
    "an id of a video used by a question": (
        es("questions", "# Preguntas\n\n## ¿Por qué? {#film}\n"),
        [
            (
                "ar/questions.md: warning: Not translated yet: film.",
                "Until then they are shown in es.",
            ),
            (
                (
                    'ar/questions.md:3: warning: The question "why" is not in the source '
                    "language, so nobody will see it."
                ),
                "Write it in es/questions.md too.",
            ),
            (
                (
                    'ar/questions.md:5: warning: The question "how" is not in the source '
                    "language, so nobody will see it."
                ),
                "Write it in es/questions.md too.",
            ),
            (
                (
                    'es/questions.md:3: error: The id "film" belongs to another part of the '
                    "module too."
                ),
                "Give one of them another id: a link must know which is meant.",
            ),
        ],
    ),
    "an id of a video used by a heading": (
        es("introduction", "# I\n\n## Más {#film}\n"),
        [
            (
                (
                    'es/introduction.md:3: error: The id "film" belongs to another part of the '
                    "module too."
                ),
                "Give one of them another id: a link must know which is meant.",
            )
        ],
    ),
    "a question that is written as a heading of a lower level": (
        es("questions", "# P\n\n## ¿Por qué? {#why}\n\n## ¿Cómo? {#how}\n")
        | {"ar/questions.md": "# أ\n\n## لماذا؟ {#why}\n\n### كيف؟ {#how}\n"},
        [
            (
                "ar/questions.md: warning: Not translated yet: how.",
                "Until then they are shown in es.",
            ),
            (
                (
                    'ar/questions.md:5: error: The heading with the id "how" does not start an '
                    "item: it is inside another one."
                ),
                (
                    'Start each item with two number signs ("## … {#how}"), or give the heading '
                    "another id."
                ),
            ),
        ],
    ),
    "a file that is left over": (
        {"es/introducion.md": "# x\n"},
        [
            (
                "es/introducion.md: warning: Nothing in the module shows this file.",
                "Declare a section of that name in module.toml, or remove the file.",
            )
        ],
    ),
    "a language that is not listed": (
        {"fr/introduction.md": "# x\n"},
        [
            (
                'fr/: warning: There is a folder for the language "fr", which is not listed.',
                'Add "fr" to "languages" in module.toml, or remove the folder.',
            )
        ],
    ),
    "a folder that nothing reads": (
        {"drafts/x.md": "# x\n"},
        [("drafts/: warning: Nothing reads this folder.", "Remove it, or move it to sources/.")],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_problems_are_reported_with_file_line_and_remedy(case: str, write: Write) -> None:
    changes, lines = CASES[case]
    assert problems_of(write(changes)) == lines
