"""Collects the problems of a module; helpers for the texts of messages."""

from collections.abc import Iterable
from difflib import get_close_matches

from courseware.problems import Problem


class Report:
    """The problems found so far, each once."""

    def __init__(self) -> None:
        self._problems: dict[Problem, None] = {}
        self.failed = False

    def error(self, file: str, line: int | None, message: str, remedy: str) -> None:
        """Add an error: the module cannot be used."""
        self.failed = True
        self._problems[Problem("error", shown(file), line, message, remedy)] = None

    def warning(self, file: str, line: int | None, message: str, remedy: str) -> None:
        """Add a warning."""
        self._problems[Problem("warning", shown(file), line, message, remedy)] = None

    def include(self, other: "Report") -> None:
        """Add the problems of another report."""
        self._problems |= other._problems
        self.failed = self.failed or other.failed

    def problems(self) -> tuple[Problem, ...]:
        """Return all problems, sorted by file and line, those of ``module.toml`` first."""
        return tuple(
            sorted(
                self._problems,
                key=lambda problem: ("/" in problem.file, problem.file, problem.line or 0),
            )
        )


def shown(text: object, longest: int = 80) -> str:
    """Return ``text`` shortened, on one line and without control characters."""
    line = str(text).encode("utf-8", "backslashreplace").decode("utf-8")
    line = "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in line)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the most similar of the known words, or None."""
    options = {option.lower(): option for option in known}
    found = get_close_matches(word.lower()[:200], options, n=1, cutoff=0.6)
    return options[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return the remedy for an unknown word: the most similar one, or ``otherwise``."""
    near = closest(word, known)
    return f'Did you mean "{near}"?' if near is not None else otherwise


def listed(words: Iterable[str]) -> str:
    """Join words as in a sentence: ``es, en and fr``."""
    all_words = list(words)
    if len(all_words) < 2:
        return "".join(all_words)
    return f"{', '.join(all_words[:-1])} and {all_words[-1]}"
