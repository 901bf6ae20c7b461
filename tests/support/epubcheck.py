"""EPUBCheck, the W3C's validator: the system's, installed with apt where possible."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

JAR = Path("/usr/share/java/epubcheck.jar")


def errors(book: Path) -> list[str]:
    """Return EPUBCheck's errors and warnings; skip the test if it is not available."""
    if not JAR.is_file() or not shutil.which("java"):
        _install()
    done = subprocess.run(
        ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-jar", str(JAR), str(book)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    output = (done.stdout + done.stderr).splitlines()
    found = [line for line in output if line.startswith(("ERROR", "FATAL", "WARNING"))]
    assert found or done.returncode == 0, output
    return found


def _install() -> None:
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in ([apt, "update", "-q"], [apt, "install", "-qy", "epubcheck"]):
            subprocess.run(command, env=environment, capture_output=True, timeout=900)
    if not JAR.is_file():
        reason = "EPUBCheck is not installed (Debian: apt-get install epubcheck)"
        if os.environ.get("MINGA_REQUIRE_SERVICES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
