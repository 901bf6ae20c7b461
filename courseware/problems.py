"""What is wrong with a module, said in plain words to the person who can mend it."""

from collections.abc import Sequence
from typing import Literal, NamedTuple


class Problem(NamedTuple):
    """One thing to mend: where it is, what is wrong and what to do.

    ``file`` is relative to the module's folder, with forward slashes; ``line`` counts from 1.
    """

    level: Literal["error", "warning"]
    file: str
    line: int | None
    message: str
    remedy: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.level}: {self.message} {self.remedy}"


class ModuleError(Exception):
    """A folder that cannot be used as a module. ``problems`` holds all that was found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
