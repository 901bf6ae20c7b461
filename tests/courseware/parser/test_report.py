"""Reports and the helpers for messages."""

from courseware.parser.report import Report, closest, did_you_mean, listed, shown


def test_a_problem_as_a_line() -> None:
    report = Report()
    report.error("es/a.md", 3, 'There is no file "media/x.png".', "Put it there.")
    (problem,) = report.problems()
    assert str(problem) == 'es/a.md:3: error: There is no file "media/x.png". Put it there.'


def test_problems_are_sorted_and_unique() -> None:
    report = Report()
    for file, line in [("es/b.md", 9), ("es/b.md", 2), ("module.toml", 7), ("es/b.md", 2)]:
        report.warning(file, line, "m", "r")
    assert [(one.file, one.line) for one in report.problems()] == [
        ("module.toml", 7),
        ("es/b.md", 2),
        ("es/b.md", 9),
    ]
    assert not report.failed


def test_quoted_text_is_short_and_printable() -> None:
    assert shown("a\nb\x00\ud800ñ\u202e") == "a\\nb\\x00\\ud800ñ\\u202e"
    assert len(shown("x" * 1000)) == 80


def test_the_most_similar_word() -> None:
    assert closest("Titel", ["title", "summary"]) == "title"
    assert closest("zzz", ["title"]) is None
    assert did_you_mean("zzz", ["title"], "Remove it.") == "Remove it."


def test_words_are_joined_as_in_a_sentence() -> None:
    assert [listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
