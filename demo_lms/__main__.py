"""``python -m demo_lms``: run the demo platform until it is stopped."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import get_args
from urllib.parse import urlsplit

from demo_lms.loopback import NotLoopbackError, require_loopback
from demo_lms.mail import mail_server
from demo_lms.model import Flavour
from demo_lms.register_tool import RegistrationError, register_tool
from demo_lms.running import Running
from demo_lms.store import open_state


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="demo_lms", description=__doc__)
    parser.add_argument("--bind", default="127.0.0.1:9000", metavar="HOST:PORT")
    parser.add_argument("--public-url", metavar="URL", help="default: http://HOST:PORT")
    parser.add_argument("--tool", metavar="URL", help="the URL of the tool to try")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="store keys and tools here")
    parser.add_argument(
        "--flavour",
        choices=get_args(Flavour),
        default="plain",
        help="the LMS whose ways it has at first; the start page changes it",
    )
    parser.add_argument(
        "--registration-url",
        "--registration-address",
        dest="registration_url",
        metavar="URL",
        help="register a tool at start, with the URL that `lti-tool invite` printed",
    )
    parser.add_argument(
        "--smtp-port", type=int, metavar="PORT", help="accept mail there, and show it at /mail"
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped; return the exit status."""
    options = parse_arguments(arguments)
    try:
        host, port = _split(options.bind)
        for url in filter(None, [options.public_url]):
            require_loopback(urlsplit(url).hostname or "")
    except (NotLoopbackError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    tool_url = options.tool or options.registration_url
    state = open_state(options.data_dir, tool_url=tool_url)
    state.choose_flavour(options.flavour)
    try:
        running = Running(state, host=host, port=port, public_url=options.public_url)
    except (OSError, SystemExit) as error:
        print(f"Cannot listen on {options.bind}: {error}", file=sys.stderr)
        return 1
    with running:
        if options.registration_url and not state.tool_at(options.registration_url):
            try:
                tool = register_tool(state, options.registration_url)
            except RegistrationError as error:
                print(error, file=sys.stderr)
                return 1
            print(f"Added {tool.name} (client {tool.client_id})", flush=True)
        mail: AbstractContextManager[None] = nullcontext()
        if options.smtp_port:
            mail = mail_server(state.mail, host, options.smtp_port)
        with mail:
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
