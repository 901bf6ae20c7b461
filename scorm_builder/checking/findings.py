"""The result of checking a package: findings with their rule and place."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of a package.

    ``clause`` is the id of the rule, ``source`` the specification that it comes from. ``file`` is a
    path inside the package; ``line`` counts from 1.
    """

    level: Literal["error", "warning"]
    clause: str
    message: str
    file: str = ""
    line: int | None = None
    source: str = ""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place + ': ' if place else ''}{self.level}: {self.message} [{self.clause}]"


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The findings of a check, errors first. ``format`` is the format's name, if recognised."""

    format: str | None
    findings: tuple[Finding, ...]

    @property
    def good(self) -> bool:
        """Whether there are no errors: an LMS should accept the package."""
        return not any(finding.level == "error" for finding in self.findings)
