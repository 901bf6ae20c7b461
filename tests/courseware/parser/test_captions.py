"""Problems of captions."""

import pytest

from tests.courseware.conftest import Write
from tests.courseware.small import Files, Line, problems_of

CASES: dict[str, tuple[Files, list[Line]]] = {
    "no WEBVTT": (
        {"media/film.es.vtt": "Hola\n"},
        [
            (
                "media/film.es.vtt:1: error: The captions do not begin with the word WEBVTT.",
                "Write WEBVTT in the first line, and leave the second one empty.",
            )
        ],
    ),
    "a comma in a time": (
        {"media/film.es.vtt": "WEBVTT\n\n00:00:01,000 --> 00:00:02,000\nHola\n"},
        [
            (
                "media/film.es.vtt:3: error: The times of this caption cannot be read.",
                (
                    "Use a point, not a comma, before the milliseconds, like this: 00:00:01.000"
                    " --> 00:00:04.000"
                ),
            )
        ],
    ),
    "times out of order": (
        {
            "media/film.es.vtt": "WEBVTT\n\n00:05.000 --> 00:04.000\nHola\n\n"
            "00:01.000 --> 00:02.000\nx\n"
        },
        [
            (
                "media/film.es.vtt:3: error: This caption ends before it begins.",
                "Correct one of its two times.",
            ),
            (
                "media/film.es.vtt:6: error: This caption begins before the one above it.",
                "Put the captions in the order of their times.",
            ),
        ],
    ),
    "no caption": (
        {"media/film.es.vtt": "WEBVTT\n\n"},
        [
            (
                "media/film.es.vtt: error: There is not one caption in the file.",
                "Write the first: 00:00:01.000 --> 00:00:04.000",
            )
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_problems_are_reported_with_file_line_and_remedy(case: str, write: Write) -> None:
    changes, lines = CASES[case]
    assert problems_of(write(changes)) == lines


def test_valid_captions(write: Write) -> None:
    captions = (
        "WEBVTT - Una película\n\nNOTE\nfilmada ayer\n\nSTYLE\n::cue { color: lime }\n\n"
        "primera\n00:00:01.000 --> 00:00:02.500 line:0 align:start\n- Hola\n- Hola --\n\n"
        "100:00:03.000 --> 100:00:04.000\nAdiós\n"
    )
    assert problems_of(write({"media/film.es.vtt": captions})) == []
