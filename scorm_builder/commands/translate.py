"""``scorm-builder translate``: what a language lacks, and its way to translators and back."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import click

from scorm_builder.commands.shared import (
    as_json,
    find_module,
    print_json,
    print_problems,
    problem_line,
)

if TYPE_CHECKING:
    from courseware.module import Module
    from scorm_builder.translation.units import Unit

_WORDS = {
    "translated": "translated",
    "outdated": "out of date",
    "missing": "missing",
    "apart": "in other paragraphs",
}
_SHOWN = 60
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("module", metavar="MODULE", type=click.Path(path_type=Path))
@click.option("--to", "language", required=True, metavar="TAG", help="The language, such as fr.")
@click.option(
    "--export", "out", type=_FILE, help="Write everything into a file .xlf (XLIFF 2.0) or .po."
)
@click.option("--import", "back", type=_FILE, help="Take in such a file that came back.")
@click.option(
    "--accept",
    is_flag=True,
    help="Record that what is translated is right for the source as it is now.",
)
@click.option("--force", is_flag=True, help="Let --export write over a file.")
@as_json
def translate(
    module: Path,
    language: str,
    out: Path | None,
    back: Path | None,
    accept: bool,
    force: bool,
    in_json: bool,
) -> None:
    """Tell what of MODULE is missing or out of date in a language, or exchange it as a file."""
    if sum((out is not None, back is not None, accept)) > 1:
        raise click.UsageError("Give one of --export, --import and --accept.")
    whole = _read(find_module(module))
    tag = _language(whole, language)
    if out is not None:
        _export(whole, tag, out, force)
    elif back is not None:
        _import(whole, tag, back)
    elif accept:
        from scorm_builder.translation import writing

        count = writing.accept(whole, tag)
        click.echo(f"{tag}: {count} texts are recorded as translated from the source as it is now.")
    else:
        _report(whole, tag, in_json)


def _read(folder: Path) -> "Module":
    from courseware.parser.reader import read
    from courseware.problems import ModuleError

    try:
        return read(folder)
    except ModuleError as error:
        print_problems(
            problem_line(folder, problem) for problem in error.problems if problem.level == "error"
        )
        print_problems([f"{folder}: mend the errors first."])
        sys.exit(1)


def _language(module: "Module", wanted: str) -> str:
    from courseware.languages import normal

    tag = normal(wanted)
    if tag is None:
        raise click.BadParameter(f"'{wanted}' is not the short code of a language.")
    if tag == module.source_language:
        raise click.BadParameter(f"'{tag}' is the language that the module is written in.")
    return tag


def _format(path: Path) -> ModuleType:
    from scorm_builder.translation import po, xliff

    formats = {".xlf": xliff, ".xliff": xliff, ".po": po}
    if path.suffix.lower() not in formats:
        raise click.BadParameter(f"'{path}' must end in .xlf or in .po.")
    return formats[path.suffix.lower()]


def _export(module: "Module", tag: str, path: Path, force: bool) -> None:
    from scorm_builder.translation.writing import units_of
    from scorm_builder.zip_writer import replace_when_done

    form = _format(path)
    if path.exists() and not force:
        print_problems([f"{path} exists already and may contain translations: give another name."])
        sys.exit(1)
    found = units_of(module, tag)
    try:
        with replace_when_done(path) as part:
            part.write_text(form.write(found, module.source_language, tag), "utf-8", newline="\n")
    except OSError as error:
        print_problems([f"{path}: {error.strerror}"])
        sys.exit(1)
    click.echo(f"{path}: {len(found)} pieces; {_counted(found)}.")


def _import(module: "Module", tag: str, path: Path) -> None:
    from courseware.parser.reader import check
    from scorm_builder.translation.entries import ExchangeError, load
    from scorm_builder.translation.writing import import_exchange

    form = _format(path)
    try:
        result = import_exchange(module, tag, form.read(load(path)))
    except ExchangeError as error:
        print_problems([f"{path}: {error} Nothing was changed."])
        sys.exit(1)
    except OSError as error:
        print_problems([f"{error.filename or path}: {error.strerror}"])
        sys.exit(1)
    print_problems(result.messages)
    for name in result.written:
        click.echo(f"{module.folder / name}: written.")
    click.echo(f"{path}: {result.imported} texts were imported.")
    problems = [one for one in check(module.folder) if one.file.startswith(f"{tag}/")]
    print_problems(problem_line(module.folder, problem) for problem in problems)
    sys.exit(1 if any(problem.level == "error" for problem in problems) else 0)


def _report(module: "Module", tag: str, in_json: bool) -> None:
    from scorm_builder.translation import record
    from scorm_builder.translation.writing import missing_files, units_of

    found = units_of(module, tag)
    captions = missing_files(module, tag)
    if in_json:
        counts = Counter[str](unit.status for unit in found)
        print_json(
            {
                "module": str(module.folder),
                "language": tag,
                **{status: counts[status] for status in _WORDS},
                "captions": captions,
                "units": [asdict(unit) for unit in found],
            }
        )
        return
    for key in dict.fromkeys(unit.key for unit in found if unit.status != "translated"):
        _print_text([unit for unit in found if unit.key == key])
    for name in captions:
        click.echo(f"{name}: missing")
    click.echo(f"{tag}: {len(found)} pieces; {_counted(found)}.")
    recorded = record.read(module.folder / tag)
    if any(unit.target and unit.key not in recorded for unit in found):
        click.echo(
            f"What some texts were translated from is not recorded, so nobody can tell when they "
            f"are out of date. If they are right now: scorm-builder translate … --to {tag} --accept"
        )


def _print_text(here: Sequence["Unit"]) -> None:
    statuses = {unit.status for unit in here}
    if len(statuses) == 1 and len(here) > 1:
        words = _WORDS[here[0].status]
        click.echo(f"{here[0].file}: {here[0].key}: {words}, all {len(here)} paragraphs")
        return
    for unit in here:
        if unit.status != "translated":
            place = unit.file if unit.line is None else f"{unit.file}:{unit.line}"
            first = " ".join(unit.source.split())
            first = first if len(first) <= _SHOWN else first[: _SHOWN - 1] + "…"
            click.echo(f"{place}: {_WORDS[unit.status]}: {first}")


def _counted(found: Sequence["Unit"]) -> str:
    counts = Counter[str](unit.status for unit in found)
    parts = [f"{counts[status]} {words}" for status, words in _WORDS.items() if counts[status]]
    return ", ".join(parts) or "nothing to translate"
