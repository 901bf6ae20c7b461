"""The schemas of IMS and ADL, compiled: lxml passes over schemaLocation, so one driver imports
them all.

They come from an npm package at test time (see ``npm.py``). Two of the SCORM 1.2 ones are mended
in memory: ims_xml.xsd declares the xml prefix anew, and imsmd lets ``##any`` stand beside its
own elements, which no parser can tell apart. Those of 2004 compile as they are, but the package
lacks LOM's: ``lom.xsd`` beside this file says what IEEE 1484.12.3 says of the elements in use.
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
_REPAIRS = {
    "ims_xml.xsd": (b'xmlns="http://www.w3.org/XML/1998/namespace"', b""),
    "imsmd_rootv1p2p1.xsd": (b'namespace="##any"', b'namespace="##other"'),
}


class _Repaired(etree.Resolver):
    """Gives the schemas by their file names, mended."""

    def __init__(self, folder: Path, repairs: Mapping[str, tuple[bytes, bytes]]) -> None:
        self._folder = folder
        self._repairs = repairs

    def resolve(self, url: str, public_id: str, context: object) -> object:
        name = url.rpartition("/")[2]
        data = (_HERE if name == "lom.xsd" else self._folder).joinpath(name).read_bytes()
        return self.resolve_string(data.replace(*self._repairs.get(name, (b"", b""))), context)


@cache
def scorm12_schema() -> etree.XMLSchema:
    """Return the schema of a SCORM 1.2 manifest with its metadata."""
    return _compiled("scorm12edition", _NAMESPACES_12, _REPAIRS)


@cache
def scorm2004_schema(edition: str) -> etree.XMLSchema:
    """Return the schema of a SCORM 2004 manifest; ``edition`` is ``3rd`` or ``4th``."""
    return _compiled(f"scorm2004{edition}edition", _NAMESPACES_2004, {})


def _compiled(
    folder: str, namespaces: Mapping[str, str], repairs: Mapping[str, tuple[bytes, bytes]]
) -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Repaired(SCORM_PACKAGER.folder() / _FOLDERS / folder, repairs))
    imports = "".join(
        f'<xs:import namespace="{namespace}" schemaLocation="{name}"/>'
        for namespace, name in namespaces.items()
    )
    driver = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(driver, parser))
