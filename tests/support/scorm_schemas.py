"""The schemas of IMS and ADL, compiled into one for each SCORM version.

lxml ignores schemaLocation, so a driver schema imports them all. They come from an npm package (see
``npm.py``). Two of those for SCORM 1.2 are corrected in memory: ims_xml.xsd redeclares the xml
prefix, and imsmd allows ``##any`` beside its own elements, which is ambiguous. Those for 2004
compile unchanged, but the package lacks LOM's: ``lom.xsd`` in this folder has the rules of IEEE
1484.12.3 for the elements that Minga uses.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from lxml import etree

from tests.support.npm import SCORM_PACKAGER

_HERE = Path(__file__).parent
_FOLDERS = "lib/schemas/definitionFiles"
_NAMESPACES_12 = {
    "http://www.imsproject.org/xsd/imscp_rootv1p1p2": "imscp_rootv1p1p2.xsd",
    "http://www.adlnet.org/xsd/adlcp_rootv1p2": "adlcp_rootv1p2.xsd",
    "http://www.imsglobal.org/xsd/imsmd_rootv1p2p1": "imsmd_rootv1p2p1.xsd",
    "http://www.w3.org/XML/1998/namespace": "ims_xml.xsd",
}
_NAMESPACES_2004 = {
    "http://www.imsglobal.org/xsd/imscp_v1p1": "imscp_v1p1.xsd",
    "http://www.imsglobal.org/xsd/imsss": "imsss_v1p0.xsd",
    "http://www.adlnet.org/xsd/adlcp_v1p3": "adlcp_v1p3.xsd",
    "http://www.adlnet.org/xsd/adlseq_v1p3": "adlseq_v1p3.xsd",
    "http://www.adlnet.org/xsd/adlnav_v1p3": "adlnav_v1p3.xsd",
    "http://ltsc.ieee.org/xsd/LOM": "lom.xsd",
}
_CORRECTIONS = {
    "ims_xml.xsd": (b'xmlns="http://www.w3.org/XML/1998/namespace"', b""),
    "imsmd_rootv1p2p1.xsd": (b'namespace="##any"', b'namespace="##other"'),
}


class _CorrectedSchemas(etree.Resolver):
    """Resolve schemas by file name, with the corrections."""

    def __init__(self, folder: Path, corrections: Mapping[str, tuple[bytes, bytes]]) -> None:
        self._folder = folder
        self._corrections = corrections

    def resolve(self, url: str, public_id: str, context: object) -> object:
        name = url.rpartition("/")[2]
        data = (_HERE if name == "lom.xsd" else self._folder).joinpath(name).read_bytes()
        return self.resolve_string(data.replace(*self._corrections.get(name, (b"", b""))), context)


@cache
def scorm12_schema() -> etree.XMLSchema:
    """Return the schema of a SCORM 1.2 manifest with its metadata."""
    return _compiled("scorm12edition", _NAMESPACES_12, _CORRECTIONS)


@cache
def scorm2004_schema(edition: str) -> etree.XMLSchema:
    """Return the schema of a SCORM 2004 manifest; ``edition`` is ``3rd`` or ``4th``."""
    return _compiled(f"scorm2004{edition}edition", _NAMESPACES_2004, {})


def _compiled(
    folder: str, namespaces: Mapping[str, str], corrections: Mapping[str, tuple[bytes, bytes]]
) -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(
        _CorrectedSchemas(SCORM_PACKAGER.folder() / _FOLDERS / folder, corrections)
    )
    imports = "".join(
        f'<xs:import namespace="{namespace}" schemaLocation="{name}"/>'
        for namespace, name in namespaces.items()
    )
    driver = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(driver, parser))
