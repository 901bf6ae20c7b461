"""``scorm-builder preview``: prints its URL, serves, and stops on a signal."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.support.builder import ROOT, run
from tests.support.small_module import write_module


def test_the_command_serves_the_page(tmp_path: Path) -> None:
    folder = write_module(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "scorm_builder.cli", "preview", folder, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:[0-9]+/", line)
        assert found
        with urllib.request.urlopen(found[0] + "es/", timeout=20) as answer:
            assert b"El mercado" in answer.read()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert process.stderr
        assert process.stderr.read() == ""
    finally:
        process.kill()
        process.communicate()


def test_modules_that_cannot_be_previewed(tmp_path: Path) -> None:
    done = run("preview", "nowhere", cwd=tmp_path)
    assert done.returncode == 1
    assert "There is no such folder." in done.stderr
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("preview", write_module(tmp_path), "--port", port, cwd=tmp_path)
    assert done.returncode == 1
    assert f"Port {port} cannot be used" in done.stderr
    assert "Traceback" not in done.stderr
