"""Problems where module.toml, the source language and a translation differ."""

import pytest

from tests.courseware.conftest import Write
from tests.courseware.small import Files, Line, es, problems_of, toml

CASES: dict[str, tuple[Files, list[Line]]] = {
    "a video declared under another name": (
        toml(("[videos.film]", "[videos.movie]")),
        [
            (
                'module.toml:44: error: The video "movie" is declared here but shown nowhere.',
                "Add a line to es/videos.md: ## Title {#movie}",
            ),
            (
                "ar/film.transcript.md: warning: Nothing in the module shows this file.",
                'Should its name be "ar/movie.transcript.md"?',
            ),
            (
                "es/film.transcript.md: warning: Nothing in the module shows this file.",
                'Should its name be "es/movie.transcript.md"?',
            ),
            (
                'es/videos.md:5: error: The video "film" is not declared in module.toml.',
                ('Add there: [videos.film] and below it file = "media/…" or address = "https://…"'),
            ),
        ],
    ),
    "a video that no text is about": (
        es("videos", "# Videos\n\n## Otro {#otro}\n"),
        [
            (
                'module.toml:44: error: The video "film" is declared here but shown nowhere.',
                "Add a line to es/videos.md: ## Title {#film}",
            ),
            (
                "ar/videos.md: warning: Not translated yet: otro.",
                "Until then they are shown in es.",
            ),
            (
                (
                    'ar/videos.md:3: warning: The video "film" is not in the source language, '
                    "so nobody will see it."
                ),
                "Write it in es/videos.md too.",
            ),
            (
                'es/videos.md:3: error: The video "otro" is not declared in module.toml.',
                ('Add there: [videos.otro] and below it file = "media/…" or address = "https://…"'),
            ),
        ],
    ),
    "a reading declared under another name": (
        toml(("[readings.guide]", "[readings.guida]")),
        [
            (
                'module.toml:49: error: The reading "guida" is declared here but shown nowhere.',
                "Add a line to es/readings.md: ## Title {#guida}",
            ),
            (
                'es/readings.md:3: error: The reading "guide" is not declared in module.toml.',
                'Did you mean "guida"?',
            ),
        ],
    ),
    "a misspelt id in a translation": (
        {"ar/questions.md": "# أسئلة\n\n## لماذا؟ {#whi}\n"},
        [
            (
                "ar/questions.md: warning: Not translated yet: why and how.",
                "Until then they are shown in es.",
            ),
            (
                (
                    'ar/questions.md:3: warning: The question "whi" is not in the source '
                    "language, so nobody will see it."
                ),
                'Did you mean "why"?',
            ),
        ],
    ),
    "no question": (
        es("questions", "# Preguntas\n\nNada.\n"),
        [
            (
                "es/questions.md: error: The section has no question.",
                "Begin each question with a line such as: ## Title {#my-id}",
            )
        ],
    ),
    "captions missing": (
        {"media/film.es.vtt": None},
        [
            (
                'module.toml:44: warning: The video "film" has no captions in es.',
                "Write media/film.es.vtt.",
            )
        ],
    ),
    "neither captions nor a transcript": (
        {"media/film.es.vtt": None, "es/film.transcript.md": None},
        [
            (
                (
                    'module.toml:44: error: The video "film" has neither captions nor a '
                    "transcript in es."
                ),
                "Write what is said and shown into es/film.transcript.md or media/film.es.vtt.",
            )
        ],
    ),
    "a transcript not translated": (
        {"ar/film.transcript.md": None},
        [
            (
                'module.toml:44: warning: The video "film" has no transcript in ar.',
                "Write ar/film.transcript.md.",
            )
        ],
    ),
    "captions in no language": (
        {"media/film.x.vtt": "WEBVTT\n\n"},
        [
            (
                'media/film.x.vtt: warning: "x" is not the tag of a language.',
                "Name the captions film.es.vtt, say.",
            ),
            (
                "media/film.x.vtt: warning: Nothing in the module shows this file.",
                "Remove it, move it to sources/, or link to it: it is not packaged.",
            ),
        ],
    ),
    "no poster": (
        toml(('poster = "media/film.png"\n', "")) | {"media/film.png": None},
        [
            (
                (
                    'module.toml:44: warning: The video "film" has no picture to show before it'
                    " plays."
                ),
                'Put one into media/ and add a line: poster = "media/film.jpg"',
            )
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_problems_are_reported_with_file_line_and_remedy(case: str, write: Write) -> None:
    changes, lines = CASES[case]
    assert problems_of(write(changes)) == lines
