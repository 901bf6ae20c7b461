"""``scorm-builder check``: check modules and packages."""

import sys
from pathlib import Path
from typing import Any

import click

from scorm_builder.commands.shared import (
    as_json,
    find_modules,
    is_unpacked,
    print_json,
    print_problems,
    problem_line,
)


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, metavar="MODULE|PACKAGE…", type=click.Path(path_type=Path)
)
@as_json
def check(paths: tuple[Path, ...], in_json: bool) -> None:
    """Check modules (folders) and packages (any zip, also unpacked), and say what to mend."""
    results = [_check(path) for path in find_modules(paths)]
    if in_json:
        print_json(results)
    else:
        for result in results:
            print_problems(result["found"])
            click.echo(_verdict(result), err=not result["good"])
    sys.exit(0 if all(result["good"] for result in results) else 1)


def _check(path: Path) -> dict[str, Any]:
    if not path.exists():
        return _result(path, False, [f"{path}: error: There is no such file or folder."])
    if path.is_dir() and not is_unpacked(path):
        from courseware.parser.reader import check as check_module

        problems = check_module(path)
        good = not any(problem.level == "error" for problem in problems)
        return _result(path, good, [problem_line(path, problem) for problem in problems])
    from scorm_builder.checking.check import check as check_package

    report = check_package(path)
    found = [f"{path.as_posix()}: {finding}" for finding in report.findings]
    return _result(path, report.good, found, report.format)


def _result(path: Path, good: bool, found: list[str], kind: str | None = None) -> dict[str, Any]:
    return {"path": str(path), "format": kind, "good": good, "found": found}


def _verdict(result: dict[str, Any]) -> str:
    if not result["good"]:
        return f"{result['path']}: not good."
    kind = f" ({result['format']})" if result["format"] else ""
    return f"{result['path']}: good{kind}" + (", with warnings." if result["found"] else ".")
