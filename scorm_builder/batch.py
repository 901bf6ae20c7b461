"""Build packages of many modules, in parallel on all cores.

A job is one module in all the formats requested, so that it is read once. A single job runs in this
process; several run in a pool of processes. Media files are copied in chunks and a job returns only
a few facts, so memory hardly grows with the number of modules or the size of their media.
"""

import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scorm_builder.formats import registry
from scorm_builder.formats.format import Format

if TYPE_CHECKING:
    from courseware.module import Module
    from courseware.problems import Problem
    from scorm_builder.build import BuiltPackage
    from scorm_builder.cache import CacheKey

_ID = re.compile(r"""^id\s*=\s*["']([^"'\n]*)""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What to build of every module.

    ``folder`` is the output folder, ``max_size`` in bytes, ``jobs`` the number of processes
    (default: one for each core). ``per_section`` and ``unpacked`` concern the formats that can.
    """

    folder: Path
    formats: tuple[str, ...]
    languages: tuple[str, ...] = ()
    schemas: Path | None = None
    tool_url: str | None = None
    max_size: int | None = None
    per_section: bool = False
    unpacked: bool = False
    force: bool = False
    jobs: int | None = None

    def cache_key(
        self, module: Path, package_format: Format, languages: tuple[str, ...]
    ) -> "CacheKey":
        """Return the cache key of one package."""
        from scorm_builder.cache import CacheKey

        options = {
            "format": package_format.name,
            "languages": languages,
            "tool": self.tool_url,
            "per_section": self.per_section and package_format.has_scos,
            "unpacked": self.unpacked and package_format.can_be_folder,
        }
        return CacheKey(module, self.folder, options, self.schemas)


@dataclass(frozen=True, slots=True)
class BuildResult:
    """The package of a module in one format, or why there is none.

    ``package`` is None if there is none, and ``problems`` say why. ``unchanged`` packages were up
    to date. ``warnings`` are about the module.
    """

    module: Path
    format: str
    package: "BuiltPackage | None" = None
    seconds: float = 0.0
    unchanged: bool = False
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def run(
    modules: Sequence[Path], request: BuildRequest, on_done: Callable[[], None] = lambda: None
) -> list[BuildResult]:
    """Build every module in every format, and return the results in that order.

    ``on_done`` is called once for each module.
    """
    results = _refuse_duplicates(modules, request)
    for _ in results:
        on_done()
    pending = [module for module in modules if module not in results]
    jobs = min(request.jobs or _cores(), len(pending))
    if jobs > 1:
        results |= _run_pool(pending, request, jobs, on_done)
    else:
        for module in pending:
            results[module] = build_module(module, request)
            on_done()
    return [result for module in modules for result in results[module]]


def build_module(folder: Path, request: BuildRequest) -> list[BuildResult]:
    """Read one module and build it in every format."""
    from courseware.parser.reader import read
    from courseware.problems import ModuleError

    start = time.perf_counter()
    try:
        module = read(folder)
    except ModuleError as error:
        return _failed(folder, request.formats, _lines(folder, error.problems))
    results = []
    for name in request.formats:
        package_format = registry.get(name)
        for languages in _languages_of_packages(module, package_format, request):
            results.append(
                _build_or_reuse(folder, module, package_format, languages, request, start)
            )
            start = time.perf_counter()
    return results


def _languages_of_packages(
    module: "Module", package_format: Format, request: BuildRequest
) -> tuple[tuple[str, ...], ...]:
    from scorm_builder.build import languages_of_packages
    from scorm_builder.plan import PlanError

    try:
        return languages_of_packages(module, package_format, request.languages)
    except PlanError:  # building reports it
        return (request.languages,)


def _build_or_reuse(
    folder: Path,
    module: "Module",
    package_format: Format,
    languages: tuple[str, ...],
    request: BuildRequest,
    start: float,
) -> BuildResult:
    """Build one package unless it is up to date. ``start`` is the time to count from."""
    from scorm_builder import cache
    from scorm_builder.build import PackageError, TooLargeError, build
    from scorm_builder.plan import PlanError
    from scorm_builder.zip_writer import SourceChangedError

    key = request.cache_key(folder, package_format, languages)
    warnings = _lines(folder, module.problems)
    try:
        digest = key.digest(module)
        package = None if request.force else cache.load(key, digest)
        fits = package and (request.max_size is None or package.size <= request.max_size)
        if package and fits:
            return BuildResult(
                folder, package_format.name, package, unchanged=True, warnings=warnings
            )
        package = build(
            module,
            request.folder,
            format_name=package_format.name,
            languages=languages,
            schemas=request.schemas,
            tool_url=request.tool_url,
            max_size=request.max_size,
            per_section=request.per_section and package_format.has_scos,
            unpacked=request.unpacked and package_format.can_be_folder,
        )
    except (PlanError, SourceChangedError, PackageError, TooLargeError) as error:
        return BuildResult(folder, package_format.name, problems=tuple(str(error).splitlines()))
    except OSError as error:
        problem = f"{error.filename or request.folder}: {error.strerror}"
        return BuildResult(folder, package_format.name, problems=(problem,))
    cache.store(key, digest, package)
    seconds = time.perf_counter() - start
    return BuildResult(folder, package_format.name, package, seconds, warnings=warnings)


def _lines(folder: Path, problems: "Iterable[Problem]") -> tuple[str, ...]:
    return tuple(f"{folder.as_posix()}/{problem}" for problem in problems)


def _failed(module: Path, formats: Iterable[str], problems: tuple[str, ...]) -> list[BuildResult]:
    return [BuildResult(module, name, problems=problems) for name in formats]


def _refuse_duplicates(
    modules: Sequence[Path], request: BuildRequest
) -> dict[Path, list[BuildResult]]:
    """Refuse the modules whose packages would overwrite those of an earlier one."""
    owners: dict[str, Path] = {}
    refused = {}
    for module in modules if len(modules) > 1 else ():
        module_id = _id_of(module)
        owner = owners.setdefault(module_id, module) if module_id else module
        if owner is not module:
            problem = (
                f'{module.as_posix()}/module.toml: error: The id "{module_id}" is also that of '
                f"{owner.as_posix()}: one package would overwrite the other. Give one of them "
                "another id, or build them into different folders."
            )
            refused[module] = _failed(module, request.formats, (problem,))
    return refused


def _id_of(module: Path) -> str | None:
    """Return the id of a module from the text of its ``module.toml``, without parsing it."""
    try:
        top = (module / "module.toml").read_text("utf-8", "replace").partition("\n[")[0]
    except OSError:
        return None
    found = _ID.search(top)
    return found[1] if found else None


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _run_pool(
    modules: Sequence[Path], request: BuildRequest, jobs: int, on_done: Callable[[], None]
) -> dict[Path, list[BuildResult]]:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool

    results = {}
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    _prepare_fork()
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        futures = {pool.submit(build_module, module, request): module for module in modules}
        try:
            for future in as_completed(futures):
                module = futures[future]
                try:
                    results[module] = future.result()
                except BrokenProcessPool:
                    results[module] = _failed(module, request.formats, (_killed(module),))
                on_done()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return results


def _prepare_fork() -> None:
    """Import and compute before the fork what every process needs."""
    import scorm_builder.package_pages
    import scorm_builder.runtime  # noqa: F401
    from scorm_builder import build_digest

    build_digest.program_digest()


def _killed(module: Path) -> str:
    return (
        f"{module.as_posix()}: error: The process that built it was ended from outside, perhaps "
        "because memory ran out. Build it again with --jobs 1."
    )
