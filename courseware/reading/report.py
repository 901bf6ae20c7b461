"""Where the steps of reading put what they find, and the ways of speaking that they share."""

from collections.abc import Iterable

from courseware.problems import Problem


class Report:
    """The problems found so far, each once."""

    def __init__(self) -> None:
        self._problems: dict[Problem, None] = {}
        self.failed = False

    def error(self, file: str, line: int | None, message: str, remedy: str) -> None:
        """Note something that stops the module."""
        self.failed = True
        self._problems[Problem("error", shown(file), line, message, remedy)] = None

    def warning(self, file: str, line: int | None, message: str, remedy: str) -> None:
        """Note something that the author would want to know."""
        self._problems[Problem("warning", shown(file), line, message, remedy)] = None

    def problems(self) -> tuple[Problem, ...]:
        """Return everything found, in the order of files and lines, ``module.toml`` first."""
        return tuple(
            sorted(
                self._problems,
                key=lambda problem: ("/" in problem.file, problem.file, problem.line or 0),
            )
        )


def shown(text: object, longest: int = 80) -> str:
    """Return ``text`` fit for one plain line, whatever it holds."""
    line = str(text).encode("utf-8", "backslashreplace").decode("utf-8")
    line = "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in line)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that ``word`` was probably meant to be."""
    # Loaded here: most modules have nothing misspelt.
    from difflib import get_close_matches

    options = {option.lower(): option for option in known}
    found = get_close_matches(word.lower()[:200], options, n=1, cutoff=0.6)
    return options[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return the remedy for a word that is not known: the nearest one, or ``otherwise``."""
    near = closest(word, known)
    return f'Did you mean "{near}"?' if near is not None else otherwise


def listed(words: Iterable[str]) -> str:
    """Return words as a list in a sentence: ``es, en and fr``."""
    all_words = list(words)
    if len(all_words) < 2:
        return "".join(all_words)
    return f"{', '.join(all_words[:-1])} and {all_words[-1]}"
