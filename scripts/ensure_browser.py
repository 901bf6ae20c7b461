"""Make sure that the tests find a Chromium: one that is there, Debian's, or Playwright's own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def found() -> str | None:
    """A browser that is already here."""
    named = os.environ.get("MINGA_CHROMIUM")
    if named and Path(named).is_file():
        return named
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if path and Path(path).is_file() else None


def install() -> None:
    """Ask the package manager where we may, else Playwright."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        quiet = {"stdout": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        done = subprocess.run(
            ["apt-get", "install", "-y", "-qq", "chromium", "fonts-noto-core", "fonts-dejavu-core"],
            check=False,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            **quiet,
        )
        if done.returncode == 0 and found():
            return
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


if __name__ == "__main__":
    if found() is None:
        print("Installing Chromium for the tests…", flush=True)
        install()
    if found() is None:
        sys.exit("There is no Chromium. Install one, or name it in MINGA_CHROMIUM.")
