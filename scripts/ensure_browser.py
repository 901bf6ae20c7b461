"""Make sure that the tests find a Chromium: one that is there, Debian's, or Playwright's own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.chromium import SHELL, shell, whole

PACKAGES = ("chromium", "chromium-headless-shell", "fonts-noto-core", "fonts-dejavu-core")


def found() -> bool:
    """Whether the browsers that the tests will launch are here."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return all(Path(one.get("executable_path", own)).is_file() for one in (shell(), whole()))


def debian() -> bool:
    """Whether the package manager is one that we know and may use."""
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def ask_debian() -> None:
    """Install Debian's browsers; where that fails, Playwright's are still to be had."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", *PACKAGES],
        check=False,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        **quiet,
    )


def ensure() -> None:
    """Install what is missing. Of Debian's, the one without a screen is wanted for its speed."""
    named = "MINGA_CHROMIUM" in os.environ
    if not named and debian() and not SHELL.exists():
        print("Installing Chromium for the tests…", flush=True)
        ask_debian()
    if not named and not found():
        print("Installing Playwright's Chromium for the tests…", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if not found():
        sys.exit("There is no Chromium. Install one, or name it in MINGA_CHROMIUM.")


if __name__ == "__main__":
    ensure()
