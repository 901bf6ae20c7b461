"""``python -m demo_lms``: run the demo platform until it is stopped."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from demo_lms.enrol import EnrolError, enrol
from demo_lms.loopback import NotLoopbackError, require_loopback
from demo_lms.running import Running
from demo_lms.store import open_state


def parsed(words: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="demo_lms", description=__doc__)
    parser.add_argument("--bind", default="127.0.0.1:9000", metavar="HOST:PORT")
    parser.add_argument("--public-url", metavar="URL", help="default: http://HOST:PORT")
    parser.add_argument("--tool", metavar="URL", help="where the tool to try lives")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="keep keys and tools here")
    parser.add_argument("--flavour", choices=("plain", "moodle", "canvas"), default="plain")
    parser.add_argument(
        "--registration-url",
        metavar="URL",
        help="register this tool at start (what `lti-tool invite` printed)",
    )
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Serve; returns the exit status."""
    options = parsed(words)
    try:
        host, port = _split(options.bind)
        for url in filter(None, [options.public_url]):
            require_loopback(urlsplit(url).hostname or "")
    except (NotLoopbackError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    tool = options.tool or options.registration_url
    state = open_state(options.data_dir, flavour=options.flavour, tool_address=tool)
    try:
        running = Running(state, host=host, port=port, public_url=options.public_url)
    except (OSError, SystemExit) as error:
        print(f"Cannot listen on {options.bind}: {error}", file=sys.stderr)
        return 1
    with running:
        if options.registration_url and not state.tool_at(options.registration_url):
            try:
                added = enrol(state, options.registration_url)
            except EnrolError as error:
                print(error, file=sys.stderr)
                return 1
            print(f"Added {added.name} (client {added.client_id})", flush=True)
        print(f"Open {running.url}", flush=True)
        _wait()
    return 0


def _split(bind: str) -> tuple[str, int]:
    host, colon, port = bind.rpartition(":")
    if not colon or not port.isdigit():
        raise ValueError(f"--bind is HOST:PORT, such as 127.0.0.1:9000, not {bind}")
    return require_loopback(host), int(port)


def _wait() -> None:
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    stopped.wait()


if __name__ == "__main__":
    raise SystemExit(main())
