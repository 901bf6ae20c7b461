"""Packages of many modules at once, on all cores.

A job is one module in all the formats wanted, so that it is read once. What was built before is
passed over (``cache.py``); a single job stays in this process, more of them go to a pool of
processes. Media go through in pieces, and only a few facts come back from a job, so memory does
not grow with the size of the media and hardly with the number of modules.
"""

import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scorm_builder import cache
from scorm_builder.cache import Kept, Wish
from scorm_builder.names import ONE_LANGUAGE, UNPACKED, WITH_SCOS

if TYPE_CHECKING:
    from courseware.module import Module
    from courseware.problems import Problem

_ID = re.compile(r"""^id\s*=\s*["']([^"'\n]*)""", re.MULTILINE)


class Order(NamedTuple):
    """What is asked for, alike for every module. ``most`` is in bytes; ``jobs`` are processes."""

    folder: Path
    formats: tuple[str, ...]
    languages: tuple[str, ...] = ()
    schemas: Path | None = None
    tool: str | None = None
    most: int | None = None
    per_section: bool = False
    unpacked: bool = False
    force: bool = False
    jobs: int | None = None

    def in_parts(self, form: str) -> bool:
        """Whether a package in this format gets an SCO for each section."""
        return self.per_section and form in WITH_SCOS

    def as_folder(self, form: str) -> bool:
        """Whether a package in this format becomes a folder."""
        return self.unpacked and form in UNPACKED

    def wish(self, module: Path, form: str) -> Wish:
        """Return what the package of one module in one format is made from."""
        options = {
            "format": form,
            "languages": self.languages,
            "tool": self.tool,
            "per_section": self.in_parts(form),
            "unpacked": self.as_folder(form),
        }
        return Wish(module, self.folder, options, self.schemas)


class Result(NamedTuple):
    """What became of a module in one format. ``made`` is None if there is no package, and
    ``problems`` say why; ``unchanged`` packages were there already. Times are in seconds.
    """

    module: Path
    format: str
    made: Kept | None
    seconds: float = 0.0
    unchanged: bool = False
    problems: tuple[str, ...] = ()


def run(
    modules: Sequence[Path], order: Order, done: Callable[[], None] = lambda: None
) -> list[Result]:
    """Build every module in every format, and return the results in that order.

    ``done`` is called once for each module, as it is done.
    """
    results: dict[Path, list[Result]] = _doubles(modules, order)
    waiting = []
    for module in modules:
        if module not in results:
            known = None if order.force else _unchanged(module, order)
            if known is None:
                waiting.append(module)
                continue
            results[module] = known
        done()
    jobs = min(order.jobs or _cores(), len(waiting))
    if jobs > 1:
        results |= _in_pool(waiting, order, jobs, done)
    else:
        for module in waiting:
            results[module] = build_one(module, order)
            done()
    return [result for module in modules for result in results[module]]


def build_one(module: Path, order: Order) -> list[Result]:
    """Read one module and build it in every format, whatever was built before."""
    from courseware.parser.reader import read
    from courseware.problems import ModuleError

    start = time.perf_counter()
    wishes = {form: order.wish(module, form) for form in order.formats}
    before = next(iter(wishes.values())).state()
    try:
        whole = read(before) if module.is_dir() else read(module)
    except ModuleError as error:
        problems = tuple(_about(module, problem) for problem in error.problems)
        return [Result(module, form, None, problems=problems) for form in order.formats]
    reading = time.perf_counter() - start
    results = []
    for form, wish in wishes.items():
        for languages in _editions(whole, form, order):
            result = _built(module, whole, form, order._replace(languages=languages), reading)
            if result.made is not None and form not in ONE_LANGUAGE:
                digests = {one.path: one.sha256 for one in whole.files}
                cache.keep(wish, before, digests, result.made)
            results.append(result)
            reading = 0.0
    return results


def _editions(module: "Module", form: str, order: Order) -> tuple[tuple[str, ...], ...]:
    from scorm_builder.build import editions
    from scorm_builder.plan import PlanError

    try:
        return editions(module, form, order.languages)
    except PlanError:  # to build it will say so
        return (order.languages,)


def _built(path: Path, module: "Module", form: str, order: Order, before: float) -> Result:
    from scorm_builder.build import PackageError, TooLargeError, build
    from scorm_builder.plan import PlanError
    from scorm_builder.zip import SourceChangedError

    start = time.perf_counter()
    try:
        made = build(
            module,
            order.folder,
            form=form,
            languages=order.languages,
            schemas=order.schemas,
            tool=order.tool,
            most=order.most,
            per_section=order.in_parts(form),
            unpacked=order.as_folder(form),
        )
    except (PlanError, SourceChangedError, PackageError, TooLargeError) as error:
        return Result(path, form, None, problems=tuple(str(error).splitlines()))
    except OSError as error:
        problem = f"{error.filename or order.folder}: {error.strerror}"
        return Result(path, form, None, problems=(problem,))
    warnings = tuple(_about(path, problem) for problem in module.problems)
    kept = Kept(made.path, made.languages, made.files, made.size, made.largest, warnings)
    return Result(path, form, kept, before + time.perf_counter() - start)


def _about(path: Path, problem: "Problem") -> str:
    return f"{path.as_posix()}/{problem}"


def _unchanged(module: Path, order: Order) -> list[Result] | None:
    """Return the results if every format is there already, as it would be built now."""
    results = []
    if set(order.formats) & set(ONE_LANGUAGE):
        return None  # which languages there are is known only once the module is read
    for form in order.formats:
        kept = cache.look(order.wish(module, form))
        if kept is None or (order.most is not None and kept.size > order.most):
            return None
        kept = kept._replace(path=order.folder / kept.path.name)
        results.append(Result(module, form, kept, unchanged=True))
    return results


def _doubles(modules: Sequence[Path], order: Order) -> dict[Path, list[Result]]:
    """Refuse the modules whose packages would overwrite those of an earlier one."""
    owners: dict[str, Path] = {}
    refused = {}
    for module in modules if len(modules) > 1 else ():
        name = _id_of(module)
        owner = owners.setdefault(name, module) if name else module
        if owner is not module:
            problem = (
                f'{module.as_posix()}/module.toml: error: The id "{name}" is also that of '
                f"{owner.as_posix()}: one package would overwrite the other. Give one of them "
                "another id, or build them into different folders."
            )
            refused[module] = [
                Result(module, form, None, problems=(problem,)) for form in order.formats
            ]
    return refused


def _id_of(module: Path) -> str | None:
    """Return the id that a module most likely has; to read it properly would take too long."""
    try:
        top = (module / "module.toml").read_text("utf-8", "replace").partition("\n[")[0]
    except OSError:
        return None
    found = _ID.search(top)
    return found[1] if found else None


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_pool(
    modules: Sequence[Path], order: Order, jobs: int, done: Callable[[], None]
) -> dict[Path, list[Result]]:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool

    results = {}
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    _load()
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        futures = {pool.submit(build_one, module, order): module for module in modules}
        try:
            for future in as_completed(futures):
                module = futures[future]
                try:
                    results[module] = future.result()
                except BrokenProcessPool:
                    results[module] = _died(module, order)
                done()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return results


def _load() -> None:
    """Load what the jobs need before they part from this process: each then has it for nothing."""
    import courseware.parser.reader  # noqa: F401
    import scorm_builder.build
    import scorm_builder.pages
    import scorm_builder.runtime  # noqa: F401


def _died(module: Path, order: Order) -> list[Result]:
    problem = (
        f"{module.as_posix()}: error: The process that built it was ended from outside, perhaps "
        "because memory ran out. Build it again with --jobs 1."
    )
    return [Result(module, form, None, problems=(problem,)) for form in order.formats]
