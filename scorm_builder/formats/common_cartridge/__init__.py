"""Common Cartridge: 1.1 and 1.3, and 1.0 and 1.2, which are only recognised and checked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from courseware.i18n.marking import N_
from courseware.module import Module
from scorm_builder.checking.contents import PackageContents
from scorm_builder.checking.findings import Finding
from scorm_builder.formats.content_packaging import MANIFEST, label
from scorm_builder.formats.format import Format
from scorm_builder.plan import MediaUrl, PackageFile, PackagePlan


@dataclass(frozen=True, slots=True)
class CartridgeVersion:
    """A version of Common Cartridge: ``part`` names it in namespaces and resource types.

    Without ``audience`` no packages are built in it.
    """

    name: str
    version: str
    part: str
    link_part: str
    audience: str = ""

    @property
    def namespaces(self) -> dict[str, str]:
        """The namespaces of the manifest."""
        if self.part == "v1p0":
            return {
                "xmlns": "http://www.imsglobal.org/xsd/imscc/imscp_v1p1",
                "xmlns:lomimscc": "http://ltsc.ieee.org/xsd/imscc/LOM",
            }
        return {
            "xmlns": f"http://www.imsglobal.org/xsd/imscc{self.part}/imscp_v1p1",
            "xmlns:lomimscc": f"http://ltsc.ieee.org/xsd/imscc{self.part}/LOM/manifest",
        }

    @property
    def topic(self) -> str:
        """The resource type of a discussion topic."""
        return f"imsdt_xml{self.part}"

    @property
    def web_link(self) -> str:
        """The resource type of a web link."""
        return f"imswl_xml{self.part}"

    @property
    def tool_link(self) -> str:
        """The resource type of an LTI link."""
        return f"imsbasiclti_xml{self.link_part}"


VERSIONS = (
    CartridgeVersion("cc10", "1.0.0", "v1p0", "v1p0"),
    CartridgeVersion("cc12", "1.2.0", "v1p2", "v1p0"),
    CartridgeVersion(
        "cc11",
        "1.1.0",
        "v1p1",
        "v1p0",
        N_("For Moodle: restore it as a course whose parts can be rearranged."),
    ),
    CartridgeVersion(
        "cc13",
        "1.3.0",
        "v1p3",
        "v1p3",
        N_(
            "For Canvas, Brightspace and others: import it as parts of a course "
            "that can be rearranged."
        ),
    ),
)


def _detect(version: CartridgeVersion, contents: PackageContents) -> str | None:
    root = contents.root(MANIFEST) if not contents.is_single_file else None
    if root is None or root.namespace != version.namespaces["xmlns"]:
        return None
    return label(root, version.name)


def _check(version: CartridgeVersion, contents: PackageContents) -> Iterable[Finding]:
    from scorm_builder.formats.common_cartridge import rules

    root = contents.root(MANIFEST)
    return rules.findings(version, root, contents.files, contents.read) if root else ()


def _draw(module: Module, languages: Sequence[str], media: MediaUrl) -> Iterator[PackageFile]:
    from scorm_builder.formats.common_cartridge import cartridge

    return cartridge.draw(module, languages, media)


def _complete(version: CartridgeVersion, plan: PackagePlan) -> tuple[PackageFile, ...]:
    from scorm_builder.formats.common_cartridge import cartridge

    return cartridge.complete(version, plan)


FORMATS = tuple(
    Format(
        name=version.name,
        title=f"Common Cartridge {version.version[:3]}",
        audience=version.audience,
        marker=MANIFEST,
        detect=partial(_detect, version),
        check=partial(_check, version),
        complete=partial(_complete, version) if version.audience else None,
        draw=_draw if version.audience else None,
    )
    for version in VERSIONS
)
