"""The content of a package to check, regardless of its container, with its XML parsed once."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from zipfile import ZipInfo

from scorm_builder.checking import xml
from scorm_builder.checking.archive import MAX_IN_MEMORY, Archive
from scorm_builder.checking.findings import Finding
from scorm_builder.checking.xml import XmlElement


class PackageContents:
    """A zip or an unpacked folder (``archive``), or else a single file such as a PDF.

    ``unreadable`` collects a finding for each XML file that :meth:`root` could not parse.
    """

    def __init__(self, path: Path, archive: Archive | None = None) -> None:
        self.path = path
        self.archive = archive
        self.unreadable: list[Finding] = []
        self._roots: dict[str, XmlElement | None] = {}

    def __enter__(self) -> "PackageContents":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.archive is not None:
            self.archive.close()

    @property
    def is_single_file(self) -> bool:
        """Whether this is neither a zip nor a folder."""
        return self.archive is None

    @property
    def entries(self) -> Mapping[str, ZipInfo]:
        """The files of the archive in their order; empty for a single file."""
        return self.archive.files if self.archive is not None else {}

    @cached_property
    def files(self) -> Mapping[str, int]:
        """The size in bytes of each file of the archive; empty for a single file."""
        return {name: entry.file_size for name, entry in self.entries.items()}

    @cached_property
    def first_bytes(self) -> bytes:
        """The first 64 bytes of a single file; empty for an archive."""
        if self.archive is not None:
            return b""
        try:
            with self.path.open("rb") as file:
                return file.read(64)
        except OSError:
            return b""

    @property
    def is_xml_file(self) -> bool:
        """Whether this is a single file that starts like XML."""
        return self.first_bytes.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")

    def read(self, name: str) -> bytes:
        """Return a small file of the archive; ValueError if it is too large, KeyError if absent."""
        if self.archive is None:
            raise KeyError(name)
        return self.archive.read(name)

    def sha256(self, name: str) -> str:
        """Return the SHA-256 of a file of the archive in hexadecimal."""
        if self.archive is None:
            raise KeyError(name)
        return self.archive.sha256(name)

    def root(self, name: str, description: str = "manifest") -> XmlElement | None:
        """Return the root element of an XML file, or None if it is absent or cannot be parsed.

        A single file is parsed itself, with any name. ``description`` names the file in the
        finding that is added to ``unreadable``.
        """
        key = "" if self.is_single_file else name
        if key not in self._roots:
            exists = self.is_xml_file if self.is_single_file else name in self.files
            self._roots[key] = self._parse(name, description) if exists else None
        return self._roots[key]

    def _parse(self, name: str, description: str) -> XmlElement | None:
        try:
            return xml.read(self._read_single_file() if self.archive is None else self.read(name))
        except xml.XmlError as error:
            reason, line = error.reason, error.line
        except (ValueError, OSError) as error:
            reason, line = str(error), None
        message = f"The {description} cannot be read: {reason}."
        self.unreadable.append(Finding("error", "manifest/xml", message, name, line, "XML 1.0"))
        return None

    def _read_single_file(self) -> bytes:
        with self.path.open("rb") as file:
            data = file.read(MAX_IN_MEMORY + 1)
        if len(data) > MAX_IN_MEMORY:
            raise ValueError(f"{self.path.name} is larger than {MAX_IN_MEMORY >> 20} MiB")
        return data
