"""Problems of a module, in plain words for its author."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: its position, what is wrong and what to do.

    ``file`` is relative to the module's folder, with forward slashes; ``line`` counts from 1.
    """

    level: Literal["error", "warning"]
    file: str
    line: int | None
    message: str
    remedy: str

    def __str__(self) -> str:
        position = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{position}: {self.level}: {self.message} {self.remedy}"


class ModuleError(Exception):
    """A folder that is not a valid module. ``problems`` are all that were found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
