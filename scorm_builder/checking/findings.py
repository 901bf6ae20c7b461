"""The result of checking a package: findings with their rule and place."""

from dataclasses import dataclass
from typing import Literal

_LONGEST_MESSAGE = 600


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of a package: an *error* where an LMS refuses or breaks it, else a *warning*.

    ``clause`` is the id of the rule, ``source`` the specification or the LMS that it comes from.
    ``file`` is a path inside the package; ``line`` counts from 1.
    """

    level: Literal["error", "warning"]
    clause: str
    message: str
    file: str = ""
    line: int | None = None
    source: str = ""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        rule = f"{self.clause}; {self.source}" if self.source else self.clause
        message = self.message
        if len(message) > _LONGEST_MESSAGE:
            message = f"{message[:_LONGEST_MESSAGE]}…"
        line = f"{place + ': ' if place else ''}{self.level}: {message} [{rule}]"
        return "".join(char if char.isprintable() else "�" for char in line)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The findings of a check, errors first. ``format`` is the format's name, if recognised."""

    format: str | None
    findings: tuple[Finding, ...]

    @property
    def good(self) -> bool:
        """Whether there are no errors: an LMS should accept the package."""
        return not any(finding.level == "error" for finding in self.findings)
