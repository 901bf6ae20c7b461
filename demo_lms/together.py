"""``make demo``: start the tool, its worker and the demo LMS together, and print what to open.

All data is in a temporary folder. The tool and the LMS are on different sites (``localhost`` and
``127.0.0.1``), as in production, so the frame is third-party for the browser. The LMS registers
the tool with the registration URL that ``lti-tool invite`` prints, as an administrator would.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from importlib.util import find_spec
from pathlib import Path

TOOL_PORT = 8000
LMS_PORT = 9000
SMTP_PORT = 9025
PATIENCE = 60.0
"""Seconds to wait for a program to answer."""

Running = dict[str, "subprocess.Popen[str]"]
"""The names of the programs in messages."""


def main() -> int:
    """Run until Ctrl-C; 0 when it was asked to stop."""
    signal.signal(signal.SIGTERM, _interrupt)
    with tempfile.TemporaryDirectory(prefix="minga-demo-") as folder:
        tool = f"http://localhost:{_free_port(TOOL_PORT)}"
        lms = f"http://127.0.0.1:{_free_port(LMS_PORT)}"
        environ = {
            **os.environ,
            "MINGA_PUBLIC_URL": tool,
            "MINGA_DATA_DIR": str(Path(folder) / "tool"),
            "MINGA_ALLOW_PRIVATE_PLATFORMS": "yes",
            "MINGA_LOG_LEVEL": "WARNING",
        }
        mail: list[str] = []
        if find_spec("aiosmtpd") is not None:
            port = _free_port(SMTP_PORT)
            environ["MINGA_SMTP_URL"] = f"smtp://127.0.0.1:{port}"
            environ["MINGA_MAIL_FROM"] = "Minga <minga@tool.example>"
            environ["MINGA_MAIL_DELAY"] = "5"
            mail = ["--smtp-port", str(port)]
        running: Running = {}
        try:
            bind = tool.replace("http://localhost", "127.0.0.1")
            running["the tool"] = _start(
                environ, "lti_tool.cli", "serve", "--bind", bind, "--with-worker"
            )
            _wait_for(f"{tool}/readyz", running)
            invited = subprocess.run(
                [sys.executable, "-m", "lti_tool.cli", "invite", "--name", "Demo LMS"],
                env=environ,
                check=True,
                capture_output=True,
                text=True,
            )
            url = invited.stdout.strip().splitlines()[-1]
            running["the demo LMS"] = _start(
                environ,
                "demo_lms",
                *("--bind", lms.removeprefix("http://")),
                *("--public-url", lms),
                *("--tool", tool),
                *("--data-dir", str(Path(folder) / "lms")),
                *("--registration-url", url),
                *mail,
            )
            _wait_for(lms, running)
            print(_WELCOME.format(lms=lms, tool=tool), flush=True)
            while not _stopped(running):
                time.sleep(0.5)
            print(f"{_stopped(running)} Its messages are above.", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("\nStopping. What was tried out is gone.")
            return 0
        finally:
            _stop(running)


_WELCOME = """
  Minga is running.

    Open   {lms}

  Pick a person and press Launch: as the instructor, or as one of the participants.
  The mail that the tool sends is at {lms}/mail.
  The tool itself is at {tool}. Press Ctrl-C to stop and remove everything.
"""


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _stopped(running: Running) -> str:
    """Return the programs that have stopped, with their exit status; empty while all run."""
    return " ".join(
        f"{name[0].upper()}{name[1:]} (process {process.pid}) has stopped: {_status(code)}."
        for name, process in running.items()
        if (code := process.poll()) is not None
    )


def _status(code: int) -> str:
    try:
        return f"exit status {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


def _start(environ: dict[str, str], *module_and_arguments: str) -> "subprocess.Popen[str]":
    # A session of its own, so that Ctrl-C reaches this program alone, which stops the others.
    return subprocess.Popen(
        [sys.executable, "-m", *module_and_arguments],
        env=environ,
        text=True,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
    )


def _stop(running: Running) -> None:
    for each in reversed(running.values()):
        each.terminate()
    for each in running.values():
        try:
            each.wait(25)
        except subprocess.TimeoutExpired:
            os.killpg(each.pid, signal.SIGKILL)


def _free_port(wanted: int) -> int:
    """Return ``wanted`` if it is free, otherwise any free port."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port")


def _wait_for(url: str, running: Running) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if stopped := _stopped(running):
            raise SystemExit(f"{stopped} Its messages are above.")
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise SystemExit(f"{url} did not answer in {PATIENCE:.0f} seconds.")


if __name__ == "__main__":
    sys.exit(main())
