"""The command ``scorm-builder``: build packages, check modules and packages.

Exit codes: 0 all is well (warnings may have been told), 1 something is wrong with what was given,
2 the command itself was not understood. What the command says goes to standard output, problems to
standard error; with ``--json`` one document on standard output holds both.

Everything that a subcommand needs is imported inside it, so that ``--help`` and a single build
start fast.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scorm_builder.names import FORMATS

if TYPE_CHECKING:
    from courseware.module import Module
    from courseware.problems import Problem
    from scorm_builder.findings import Finding


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="minga", prog_name="scorm-builder")
def main() -> None:
    """Package learning modules for an LMS, and check them."""


@main.command()
@click.argument(
    "modules", nargs=-1, required=True, metavar="MODULE…", type=click.Path(path_type=Path)
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(FORMATS),
    default=FORMATS[:1],
    show_default=True,
    help="The format to build; repeat it for several.",
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="TAG",
    help="A language to put in, such as es; repeat it for several. All of them unless given.",
)
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The folder to write to; the current one unless given.",
)
@click.option(
    "--schemas",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A folder of control documents (XSD) to add at the root of the zip.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document.")
def build(
    modules: tuple[Path, ...],
    formats: tuple[str, ...],
    languages: tuple[str, ...],
    folder: Path,
    schemas: Path | None,
    as_json: bool,
) -> None:
    """Build a package of each MODULE (a folder of content)."""
    results = [
        result
        for path in modules
        for result in _build_one(path, formats, languages, folder, schemas, as_json)
    ]
    if as_json:
        click.echo(json.dumps(results, ensure_ascii=False, indent=2))
    sys.exit(0 if all(result["built"] for result in results) else 1)


def _build_one(
    path: Path,
    formats: tuple[str, ...],
    languages: tuple[str, ...],
    folder: Path,
    schemas: Path | None,
    quiet: bool,
) -> list[dict[str, Any]]:
    from courseware.problems import ModuleError
    from courseware.reader import read

    try:
        module = read(path)
    except ModuleError as error:
        return [_not_built(path, [_about(path, problem) for problem in error.problems], quiet)]
    warnings = [_about(path, problem) for problem in module.problems]
    if not quiet:
        _tell(warnings)
    return [
        _package(module, path, name, languages, folder, schemas, quiet) | {"warnings": warnings}
        for name in dict.fromkeys(formats)
    ]


def _package(
    module: "Module",
    path: Path,
    name: str,
    languages: tuple[str, ...],
    folder: Path,
    schemas: Path | None,
    quiet: bool,
) -> dict[str, Any]:
    from scorm_builder.build import PackageError
    from scorm_builder.build import build as build_package
    from scorm_builder.plan import PlanError
    from scorm_builder.zip import SourceChangedError

    tags = tuple(tag for words in languages for tag in words.replace(",", " ").split())
    try:
        made = build_package(module, folder, form=name, languages=tags, schemas=schemas)
    except (PlanError, SourceChangedError, PackageError) as error:
        return _not_built(path, str(error).splitlines(), quiet)
    except OSError as error:
        return _not_built(path, [f"{error.filename or folder}: {error.strerror}"], quiet)
    if not quiet:
        size = f"{made.size / 1000:,.0f} kB"
        click.echo(f"{made.path}  {name}, {', '.join(made.languages)}; {made.files} files, {size}")
    facts = {
        "package": str(made.path),
        "languages": made.languages,
        "files": made.files,
        "size": made.size,
    }
    return {"module": str(path), "format": name, "built": True, **facts}


def _not_built(path: Path, problems: list[str], quiet: bool) -> dict[str, Any]:
    if not quiet:
        _tell(problems)
        click.echo(f"{path}: no package was built.", err=True)
    return {"module": str(path), "built": False, "problems": problems}


@main.command()
@click.argument(
    "paths", nargs=-1, required=True, metavar="MODULE|ZIP…", type=click.Path(path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document.")
def check(paths: tuple[Path, ...], as_json: bool) -> None:
    """Check modules (folders) and packages (zips), and say what to mend."""
    results = [_check_one(path) for path in paths]
    if as_json:
        click.echo(json.dumps(results, ensure_ascii=False, indent=2))
    else:
        for result in results:
            _tell(result["found"])
            click.echo(_verdict(result), err=not result["good"])
    sys.exit(0 if all(result["good"] for result in results) else 1)


def _check_one(path: Path) -> dict[str, Any]:
    if not path.exists():
        return _checked(path, False, [f"{path}: error: There is no such file or folder."])
    if path.is_dir():
        from courseware.reader import check as check_module

        problems = check_module(path)
        good = not any(problem.level == "error" for problem in problems)
        return _checked(path, good, [_about(path, problem) for problem in problems])
    from scorm_builder.check import check as check_package

    report = check_package(path)
    return _checked(
        path, report.good, [_in_zip(path, one) for one in report.findings], report.format
    )


def _checked(path: Path, good: bool, found: list[str], kind: str | None = None) -> dict[str, Any]:
    return {"path": str(path), "format": kind, "good": good, "found": found}


def _verdict(result: dict[str, Any]) -> str:
    if not result["good"]:
        return f"{result['path']}: not good."
    kind = f" ({result['format']})" if result["format"] else ""
    return f"{result['path']}: good{kind}" + (", with warnings." if result["found"] else ".")


def _about(path: Path, problem: "Problem") -> str:
    return f"{path.as_posix()}/{problem}"


def _in_zip(path: Path, finding: "Finding") -> str:
    return f"{path.as_posix()}: {finding}"


def _tell(lines: list[str]) -> None:
    for line in lines:
        click.echo(line, err=True)


if __name__ == "__main__":
    main()
