"""How the messages to authors are worded."""

from courseware.parser.report import Report, closest, did_you_mean, listed, shown


def test_a_problem_is_one_plain_line() -> None:
    report = Report()
    report.error("es/a.md", 3, 'There is no file "media/x.png".', "Put it there.")
    (problem,) = report.problems()
    assert str(problem) == 'es/a.md:3: error: There is no file "media/x.png". Put it there.'


def test_problems_come_in_the_order_of_the_files_the_structure_first_and_each_once() -> None:
    report = Report()
    for file, line in [("es/b.md", 9), ("es/b.md", 2), ("module.toml", 7), ("es/b.md", 2)]:
        report.warning(file, line, "m", "r")
    assert [(one.file, one.line) for one in report.problems()] == [
        ("module.toml", 7),
        ("es/b.md", 2),
        ("es/b.md", 9),
    ]
    assert not report.failed


def test_what_is_shown_fits_in_a_line() -> None:
    assert shown("a\nb\x00\ud800ñ\u202e") == "a\\nb\\x00\\ud800ñ\\u202e"
    assert len(shown("x" * 1000)) == 80


def test_guesses_at_what_was_meant() -> None:
    assert closest("Titel", ["title", "summary"]) == "title"
    assert closest("zzz", ["title"]) is None
    assert did_you_mean("zzz", ["title"], "Remove it.") == "Remove it."


def test_lists_words_as_a_sentence_does() -> None:
    assert [listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
