"""CPU time of login and launch, compared with PyLTI1p3 and a minimal Flask application.

Users, course and resource link exist already, as in all launches but the first. Our tool stores the
nonce and the launch session in one durable transaction; the others write to a cache.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from benchmarks import servers
from benchmarks.client import build_request, send_all
from benchmarks.launching import Platform, launch_sessions, parse_login, running
from benchmarks.servers import Server
from benchmarks.tables import Sample, alternating, percentile_ms, print_table, spread

ROUNDS = int(os.environ.get("BENCHMARK_ROUNDS", "7"))
LAUNCHES = 200
"""In each round, for each contender."""
USERS = 100


def main() -> None:
    """Measure, and print the table."""
    with ExitStack() as stack:
        platform = stack.enter_context(running())
        contenders = _contenders(stack, platform)
        samples = alternating([measure for _, measure in contenders], ROUNDS)
    names = [name for name, _ in contenders]
    peer = median(sample.cpu_ms for sample in samples[names.index(LEAN)])
    rows = []
    for name, taken in zip(names, samples, strict=True):
        cpu = [sample.cpu_ms for sample in taken]
        store = median(sample.store_ms for sample in taken)
        rows.append(
            (
                name,
                spread(cpu),
                f"{store:.2f}" if store else "",
                f"{median(cpu) / peer:.2f}",
                f"{median(sample.rate for sample in taken):.0f}",
                percentile_ms(taken, 50),
                percentile_ms(taken, 99),
            )
        )
    print_table(
        f"launches: login and launch, {servers.WORKERS} workers of {servers.THREADS} threads",
        (
            "",
            "CPU ms, median (range)",
            "PostgreSQL ms",
            "of the leanest in files",
            "launches/s",
            "p50 of a launch, ms",
            "p99, ms",
        ),
        rows,
    )


LEAN = "PyLTI1p3, the leanest cache of files"
"""The reference of the ratios: the fastest peer that runs in several processes."""


def _contenders(stack: ExitStack, platform: Platform) -> list[tuple[str, Callable[[], Sample]]]:
    hello = "benchmarks.hello:app"
    in_threads = stack.enter_context(servers.peer("hello", hello))
    in_ours = stack.enter_context(servers.peer("hello", hello, worker_class=servers.OUR_WORKER))
    peers = [
        (LEAN, stack.enter_context(_peer(platform, "lean"))),
        (
            "PyLTI1p3, Flask-Caching in files",
            stack.enter_context(_peer(platform, "FileSystemCache")),
        ),
        (
            "PyLTI1p3, Flask-Caching in memory, one process",
            stack.enter_context(_peer(platform, "SimpleCache", workers=1)),
        ),
    ]
    tools = [("Minga, SQLite", stack.enter_context(servers.tool("sqlite")))]
    url = stack.enter_context(servers.postgresql())
    if url is not None:
        tool = stack.enter_context(servers.tool("postgresql", database_url=url))
        tools.append(("Minga, PostgreSQL", tool))
    for _, tool in tools:
        platform.register(tool)
    for _, server in (*tools, *peers):
        for user in range(20):  # sequentially, until each process has fetched the key set
            launch_sessions(platform, server, _target(server), [user])
        launch_sessions(platform, server, _target(server), range(USERS))
    return [
        ("minimal Flask application, two requests", lambda: _hello_twice(in_threads)),
        ("the same, served as Minga is", lambda: _hello_twice(in_ours)),
        *((name, _launching(platform, server)) for name, server in (*tools, *peers)),
    ]


@contextmanager
def _peer(platform: Platform, cache: str, workers: int = servers.WORKERS) -> Iterator[Server]:
    application = "benchmarks.peer_pylti1p3:app"
    with servers.peer("peer", application, workers=workers, BENCHMARK_CACHE=cache) as peer:
        file = Path(peer.environ["BENCHMARK_FOLDER"], "registration.json")
        file.write_text(json.dumps(platform.pylti1p3_configuration()))
        yield peer


def _target(server: Server) -> str:
    # PyLTI1p3 uses the target as redirect_uri, so it cannot be the URL of a module.
    return f"{server.url}/lti/launch" if server.name == "peer" else f"{server.url}/m/module-4"


def _hello_twice(server: Server) -> Sample:
    requests = [build_request("GET", "/hello", server.port)] * (2 * LAUNCHES)
    before = server.cpu_seconds()
    _, clock = send_all(server.port, requests, 200)
    return Sample(server.cpu_seconds() - before, clock, LAUNCHES)


def _launching(platform: Platform, server: Server) -> Callable[[], Sample]:
    users = [number % USERS for number in range(LAUNCHES)]
    target = _target(server)

    def measure() -> Sample:
        requests = [platform.login_request(server, target, user) for user in users]
        store, before = server.store_seconds(), server.cpu_seconds()
        responses, logins_clock = send_all(server.port, requests, 302)
        between = server.cpu_seconds()
        requests = [
            platform.launch_request(server, target, parse_login(response), user)
            for response, user in zip(responses, users, strict=True)
        ]
        resumed = server.cpu_seconds()
        launched, launches_clock = send_all(server.port, requests, 303)
        return Sample(
            cpu=between - before + server.cpu_seconds() - resumed,
            clock=logins_clock + launches_clock,
            count=LAUNCHES,
            store=server.store_seconds() - store,
            waits=tuple(response.seconds for response in launched),
        )

    return measure
