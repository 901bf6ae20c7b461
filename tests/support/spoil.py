"""A package with one thing wrong."""

import zipfile
from pathlib import Path


def spoilt(package: Path, copy: Path, file: str, old: bytes, new: bytes) -> Path:
    """Copy a package, with ``old`` once replaced by ``new`` in one of its files."""
    with zipfile.ZipFile(package) as source, zipfile.ZipFile(copy, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == file:
                assert old in data
                data = data.replace(old, new, 1)
            target.writestr(name, data)
    return copy
