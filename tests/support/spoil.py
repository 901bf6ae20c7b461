"""Invalid variants of packages and XML documents, each with one change."""

import zipfile
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

from lxml import etree


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


def spoilt_documents(document: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what was done, and the document after it: each element and each attribute in turn is
    left out, named otherwise, given twice, put elsewhere, or says something else.
    """
    root = etree.fromstring(document)
    for at, one in enumerate(list(root.iter(etree.Element))):
        name = etree.QName(one).localname
        for what, spoil in _SPOILS.items():
            copy = deepcopy(root)
            if spoil(list(copy.iter(etree.Element))[at]):
                yield f"{at} {name} {what}", etree.tostring(copy)
        for key in one.attrib:
            for what, value in (("absent", None), ("empty", ""), ("odd", "a b?"), ("number", "7")):
                copy = deepcopy(root)
                here = list(copy.iter(etree.Element))[at]
                here.attrib.pop(key) if value is None else here.set(key, value)
                yield f"{at} {name} {key} {what}", etree.tostring(copy)


def _absent(one: etree._Element) -> bool:
    parent = one.getparent()
    if parent is not None:
        parent.remove(one)
    return parent is not None


def _renamed(one: etree._Element) -> bool:
    one.tag = f"{one.tag}s"
    return True


def _elsewhere(one: etree._Element) -> bool:
    one.tag = etree.QName("urn:nobody", etree.QName(one).localname)
    return True


def _twice(one: etree._Element) -> bool:
    if one.getparent() is not None:
        one.addnext(deepcopy(one))
    return one.getparent() is not None


def _later(one: etree._Element) -> bool:
    after = one.getnext()
    if after is not None:
        after.addnext(one)
    return after is not None


def _odd(one: etree._Element) -> bool:
    one.text = "odd"
    return True


def _empty(one: etree._Element) -> bool:
    one.text = None
    for child in one:
        one.remove(child)
    return True


def _more(one: etree._Element) -> bool:
    one.set("more", "1")
    return True


_SPOILS = {
    "absent": _absent,
    "renamed": _renamed,
    "of another namespace": _elsewhere,
    "twice": _twice,
    "after the next": _later,
    "with odd words": _odd,
    "empty": _empty,
    "with one attribute more": _more,
}
