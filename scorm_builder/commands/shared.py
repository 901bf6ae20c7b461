"""What the commands share: how they name modules, and how they speak."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from courseware import resources

if TYPE_CHECKING:
    from courseware.problems import Problem

STRUCTURE = "module.toml"
_PACKAGES = ("imsmanifest.xml", "cmi5.xml", "sw.js", "mimetype")
"""What stands at the root of a package."""


def as_json(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option ``--json`` (as ``in_json``)."""
    return click.option("--json", "in_json", is_flag=True, help="Answer with one JSON document.")(
        command
    )


def print_json(document: object) -> None:
    """Print the one document that ``--json`` asks for."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def tell(lines: Iterable[str]) -> None:
    """Tell problems, one to a line, on standard error."""
    for line in lines:
        click.echo(line, err=True)


def about(path: Path, problem: "Problem") -> str:
    """Return a problem as one line that an editor can follow to its place."""
    return f"{path.as_posix()}/{problem}"


def modules_meant(paths: Sequence[Path]) -> list[Path]:
    """Return the folders of the modules that ``paths`` mean, in order and each once.

    A path is a module's folder, a folder that holds such folders, or, where there is neither, the
    name of a module that the program brings along.
    """
    found = [folder for path in paths for folder in _meant(path)]
    return list(dict.fromkeys(found))


def is_unpacked(path: Path) -> bool:
    """Whether a folder holds a package, and not a module."""
    there = any((path / name).is_file() for name in _PACKAGES)
    return there and not (path / STRUCTURE).is_file()


def module_meant(path: Path) -> Path:
    """Return the folder of the one module that ``path`` means."""
    return path if path.exists() else _ours(path) or path


def _meant(path: Path) -> list[Path]:
    if path.is_dir() and not (path / STRUCTURE).is_file() and not is_unpacked(path):
        inside = sorted(one.parent for one in path.glob(f"*/{STRUCTURE}"))
        return [folder for folder in inside if not folder.name.startswith(".")] or [path]
    return [module_meant(path)]


def _ours(path: Path) -> Path | None:
    if len(path.parts) != 1:
        return None
    folder = resources.content() / path
    return folder if (folder / STRUCTURE).is_file() else None
