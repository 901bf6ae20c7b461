"""Install a Chromium for the tests if there is none: Debian's, or Playwright's."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.chromium import SHELL, shell, whole

PACKAGES = ("chromium", "chromium-headless-shell", "fonts-noto-core", "fonts-dejavu-core")


def installed() -> bool:
    """Whether the browsers that the tests launch are installed."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return all(Path(one.get("executable_path", own)).is_file() for one in (shell(), whole()))


def can_use_apt() -> bool:
    """Whether apt-get is available with root permissions."""
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def install_with_apt() -> None:
    """Install Debian's browsers; if that fails, Playwright's is the fallback."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", *PACKAGES],
        check=False,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        **quiet,
    )


def ensure() -> None:
    """Install the missing browsers. Debian's headless shell is preferred, for its speed."""
    configured = "MINGA_CHROMIUM" in os.environ
    if not configured and can_use_apt() and not SHELL.exists():
        print("Installing Chromium for the tests…", flush=True)
        install_with_apt()
    if not configured and not installed():
        print("Installing Playwright's Chromium for the tests…", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if not installed():
        sys.exit("There is no Chromium. Install one, or name it in MINGA_CHROMIUM.")


if __name__ == "__main__":
    ensure()
