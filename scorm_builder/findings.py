"""What a check has to say of a package: the rule, where, and in plain words what to mend."""

from typing import Literal, NamedTuple


class Finding(NamedTuple):
    """One thing found. ``clause`` names the rule and ``source`` the text that it comes from.

    ``line`` counts from 1 in ``file``, a path inside the package.
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
