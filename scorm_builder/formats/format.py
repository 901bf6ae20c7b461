"""What a package format is: one :class:`Format` object with everything that depends on it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scorm_builder import zip_writer
from scorm_builder.plan import Draw, PackageFile, PackagePlan

if TYPE_CHECKING:
    from scorm_builder.checking.archive import FolderArchive
    from scorm_builder.checking.contents import PackageContents
    from scorm_builder.checking.findings import Finding

WriteFiles = Callable[[Path, Iterable[PackageFile]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format that packages are recognised in and, with ``complete``, built in.

    Functions of a format import what they need when they are called: most commands need one format.
    """

    name: str
    """What the command line calls it."""

    title: str

    detect: "Callable[[PackageContents], str | None]"
    """Return a label for people if a package is in this format, else None."""

    marker: str = ""
    """A file at the root of every package in this format. Empty if there is none."""

    is_fallback: bool = False
    """Whether a package is in this format only if no other format with its marker matches."""

    check: "Callable[[PackageContents], Iterable[Finding]] | None" = None
    """Check a package against the rules of the format. None: recognised, but without rules."""

    audience: str = ""
    """For whom the format is, as a gettext message."""

    complete: Callable[[PackagePlan], tuple[PackageFile, ...]] | None = None
    """Return all files of a package in their order, the format's own included.

    None: packages in this format cannot be built.
    """

    adapters: tuple[str, ...] = ()
    """The scripts of ``runtime/`` that talk to an LMS, the preferred standard first."""

    draw: Draw | None = None
    """Render the pages and their assets, for formats without the interactive pages."""

    write: WriteFiles = zip_writer.write
    suffix: str = ".zip"
    media_type: str = "application/zip"

    has_scos: bool = False
    """Whether a package can have one SCO per section (``--sco-per-section``)."""

    several_scos_clause: str = ""
    """The rule that warns of several SCOs, which is no problem where they were asked for."""

    find_foreign_files: "Callable[[FolderArchive], list[str]] | None" = None
    """Return the files of a folder that no build wrote. None: no unpacked folders."""

    one_language: bool = False
    """Whether a package has one language, so that a module becomes several packages."""

    unavailable: Callable[[], str | None] = lambda: None
    """Return why packages cannot be built on this machine, or None if they can."""

    @property
    def can_be_built(self) -> bool:
        """Whether packages in this format can be built, given the programs that it needs."""
        return self.complete is not None

    @property
    def can_be_folder(self) -> bool:
        """Whether a package can be an unpacked folder instead of a file."""
        return self.find_foreign_files is not None

    def file_name(
        self,
        module_id: str,
        languages: Iterable[str] = (),
        *,
        per_section: bool = False,
        as_folder: bool = False,
    ) -> str:
        """Return the name of a package file. ``languages`` are given if not all are included."""
        sections = ("sections",) if per_section else ()
        kind = (self.name,) if self.suffix == ".zip" else ()
        name = "-".join((module_id, *languages, *sections, *kind))
        return name if as_folder else name + self.suffix
