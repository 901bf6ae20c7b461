"""Helpers of the commands: find modules by their arguments, print results and problems."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from courseware import resources

if TYPE_CHECKING:
    from courseware.problems import Problem

MANIFEST = "module.toml"


def as_json(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option ``--json`` to a command, as the argument ``in_json``."""
    return click.option("--json", "in_json", is_flag=True, help="Answer with one JSON document.")(
        command
    )


def print_json(document: object) -> None:
    """Print the JSON document of ``--json``."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def print_problems(lines: Iterable[str]) -> None:
    """Print lines to standard error."""
    for line in lines:
        click.echo(line, err=True)


def problem_line(path: Path, problem: "Problem") -> str:
    """Return a problem as one line with ``file:line``, which editors turn into a link."""
    return f"{path.as_posix()}/{problem}"


def find_modules(paths: Sequence[Path]) -> list[Path]:
    """Return the folders of modules for the arguments of a command, in order and each once.

    A path is a module's folder, a folder of such folders, or else the name of a module that comes
    with the program. Paths of packages are returned as they are.
    """
    found = [folder for path in paths for folder in _find(path)]
    return list(dict.fromkeys(found))


def is_unpacked(path: Path) -> bool:
    """Whether a folder is an unpacked package and not a module."""
    from scorm_builder.formats import registry

    if (path / MANIFEST).is_file():
        return False
    markers = {package_format.marker for package_format in registry.all_formats()} - {""}
    return any((path / name).is_file() for name in markers)


def find_module(path: Path) -> Path:
    """Return the folder of a module for one argument of a command; see :func:`find_modules`."""
    return path if path.exists() else _included_module(path) or path


def _find(path: Path) -> list[Path]:
    if path.is_dir() and not (path / MANIFEST).is_file() and not is_unpacked(path):
        inside = sorted(one.parent for one in path.glob(f"*/{MANIFEST}"))
        return [folder for folder in inside if not folder.name.startswith(".")] or [path]
    return [find_module(path)]


def _included_module(path: Path) -> Path | None:
    if len(path.parts) != 1:
        return None
    folder = resources.content() / path
    return folder if (folder / MANIFEST).is_file() else None
