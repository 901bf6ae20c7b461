"""What a participant with a slow connection waits for: 400 kbit/s, 400 ms for a round trip.

Opens the module page with 1,000 posts in Chromium, first with an empty cache, then again, with and
without JavaScript. *First view*: the title, the text and the list of sections are drawn (the first
paint, because the page is one document and one style sheet). *Usable*: the deferred scripts have
run. The video is not loaded before it is played.
"""

import os
from contextlib import ExitStack
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import filling, module_page, servers
from benchmarks.launching import running
from benchmarks.tables import print_table

ROUNDS = int(os.environ.get("BENCHMARK_ROUNDS", "3"))
BYTES_PER_SECOND = 400_000 / 8
ROUND_TRIP_MS = 400
PHONE: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "locale": "pt-BR"}
_TIMES = """() => {
  const page = performance.getEntriesByType('navigation')[0];
  const [painted] = performance.getEntriesByName('first-contentful-paint');
  const resources = [page, ...performance.getEntriesByType('resource')];
  return {
    first: painted.startTime,
    usable: page.domContentLoadedEventEnd,
    bytes: resources.reduce((sum, each) => sum + each.transferSize, 0),
  };
}"""


def main() -> None:
    """Measure, and print the table."""
    rows = []
    with ExitStack() as stack:
        platform = stack.enter_context(running())
        tool = stack.enter_context(servers.tool("sqlite", secret_key=module_page.SECRET))
        platform.register(tool)
        session_id, token = module_page.opened(platform, tool, 1)[0]
        database = tool.database()
        module_page.fill(database, 1, 1000, 0)
        filling.analyze(database)
        database.close()
        chromium = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=os.environ.get("MINGA_CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-quic"],
        )
        url = f"{tool.url}/l/{session_id}/"
        cookie = {"name": "minga", "value": token, "url": url}
        for script in (True, False):
            taken = [_visit(chromium, url, cookie, script=script) for _ in range(ROUNDS)]
            for number, name in enumerate(("empty cache", "again")):
                times = [each[number] for each in taken]
                rows.append(
                    (
                        f"{name}, {'with' if script else 'without'} JavaScript",
                        f"{median(each['first'] for each in times) / 1000:.2f}",
                        f"{median(each['usable'] for each in times) / 1000:.2f}",
                        f"{median(each['bytes'] for each in times) / 1024:.0f}",
                    )
                )
        chromium.close()
    print_table(
        "slow_network: the module page at 400 kbit/s and 400 ms",
        ("", "first view, s", "usable, s", "KB"),
        rows,
    )


def _visit(
    chromium: Browser, url: str, cookie: dict[str, str], *, script: bool
) -> tuple[dict[str, float], dict[str, float]]:
    context = chromium.new_context(java_script_enabled=script, **PHONE)
    context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": ROUND_TRIP_MS,
            "downloadThroughput": BYTES_PER_SECOND,
            "uploadThroughput": BYTES_PER_SECOND,
        },
    )
    times = _open(page, url), _open(page, url)
    context.close()
    return times


def _open(page: Page, url: str) -> dict[str, float]:
    page.goto(url, wait_until="load")
    times: dict[str, Any] = page.evaluate(_TIMES)
    return times
