"""The picker with 2, 50 and 200 modules: CPU time and size of its pages, on both engines.

An instructor answers a deep-linking request: the list, a search in all texts, the options of two
modules, a preview, and the response with two activities. The modules are copies of module 4, each
in four languages. ``PICKER_SIZES`` overrides the numbers of modules.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from benchmarks import servers
from benchmarks.client import build_request, send_all
from benchmarks.launching import Platform, launch_sessions, running
from benchmarks.servers import Server
from benchmarks.tables import Sample, alternating, print_table, spread
from courseware import resources
from lti_tool.sessions.current import session_token

SIZES = [int(size) for size in os.environ.get("PICKER_SIZES", "2 50 200").split()]
ROUNDS = int(os.environ.get("BENCHMARK_ROUNDS", "5"))
REQUESTS = 40
"""In each round, for each page."""
SECRET = "a secret for the benchmark only, long enough"
_CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
_INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
_REQUEST = {
    f"{_CLAIM}message_type": "LtiDeepLinkingRequest",
    f"{_CLAIM}roles": [_INSTRUCTOR],
    "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings": {
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe", "window"],
        "accept_multiple": True,
        "deep_link_return_url": "https://lms.example.org/return",
    },
}


def main() -> None:
    """Measure, and print a table for each number of modules."""
    with ExitStack() as stack:
        platform = stack.enter_context(running())
        for size in SIZES:
            with _library(size) as folder, ExitStack() as tools:
                contenders = list(_contenders(tools, platform, folder, size))
                samples = alternating([measure for _, _, measure in contenders], ROUNDS)
            rows = [
                (
                    name,
                    spread([sample.cpu_ms for sample in taken], 1),
                    f"{median(sample.store_ms for sample in taken):.2f}",
                    f"{length / 1000:.0f}",
                )
                for (name, length, _), taken in zip(contenders, samples, strict=True)
            ]
            print_table(
                f"picker: {size} modules, {servers.WORKERS} workers of {servers.THREADS} threads",
                ("", "CPU ms, median (range)", "PostgreSQL ms", "KB, compressed"),
                rows,
            )


@contextmanager
def _library(size: int) -> Iterator[Path]:
    """Yield a content folder with copies of module 4."""
    original = resources.content() / "module-4"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(size):
            copy = folder / f"module-{number}"
            shutil.copytree(original, copy, ignore=shutil.ignore_patterns("sources"))
            manifest = copy / "module.toml"
            text = manifest.read_text("utf-8")
            manifest.write_text(text.replace('id = "module-4"', f'id = "module-{number}"'), "utf-8")
        yield folder


def _contenders(
    stack: ExitStack, platform: Platform, folder: Path, size: int
) -> Iterator[tuple[str, int, Callable[[], Sample]]]:
    settings = {"secret_key": SECRET, "content_dir": str(folder)}
    tools = [("SQLite", stack.enter_context(servers.tool("sqlite", **settings)))]
    url = stack.enter_context(servers.postgresql())
    if url is not None:
        tool = servers.tool("postgresql", database_url=url, **settings)
        tools.append(("PostgreSQL", stack.enter_context(tool)))
    for engine, tool in tools:
        platform.register(tool)
        [opened] = launch_sessions(platform, tool, f"{tool.url}/lti/launch", [1], more=_REQUEST)
        session_id = urlsplit(opened.location).path.split("/")[2]
        token = session_token(SECRET, session_id)
        first = {"token": token, "module": "module-0"}
        pages: dict[str, dict[str, str] | None] = {
            "list": None,
            "search": {**first, "act": "search", "q": "economía ciudades"},
            "options": {**first, "act": "options"},
            "preview": {**first, "preview": f"module-{size - 1}"},
            "response": first,
        }
        for page, form in pages.items():
            request = build_request(
                "GET" if form is None else "POST",
                f"/l/{session_id}/choose",
                tool.port,
                form=form,
                cookies={"minga": token},
            )
            # Each worker reads the modules and their texts once.
            [answer, *_] = send_all(tool.port, [request] * 8 * servers.WORKERS, 200)[0]
            yield f"{engine}: {page}", len(answer.body), _asking(tool, request)


def _asking(server: Server, request: bytes) -> Callable[[], Sample]:
    def measure() -> Sample:
        store, before = server.store_seconds(), server.cpu_seconds()
        _, clock = send_all(server.port, [request] * REQUESTS, 200)
        cpu = server.cpu_seconds() - before
        return Sample(cpu, clock, REQUESTS, server.store_seconds() - store)

    return measure
