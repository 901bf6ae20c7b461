"""Invalid variants of packages and XML documents, each with one change."""

import zipfile
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

from lxml import etree


def with_replacement(package: Path, copy: Path, file: str, old: bytes, new: bytes) -> Path:
    """Copy a package, replacing the first ``old`` by ``new`` in one of its files."""
    with zipfile.ZipFile(package) as source, zipfile.ZipFile(copy, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == file:
                assert old in data
                data = data.replace(old, new, 1)
            target.writestr(name, data)
    return copy


def invalid_documents(document: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield a description of a change and the changed document.

    Each element and attribute in turn is removed, renamed, duplicated, moved or changed.
    """
    root = etree.fromstring(document)
    for at, one in enumerate(list(root.iter(etree.Element))):
        name = etree.QName(one).localname
        for what, change in _CHANGES.items():
            copy = deepcopy(root)
            if change(list(copy.iter(etree.Element))[at]):
                yield f"{at} {name} {what}", etree.tostring(copy)
        for key in one.attrib:
            for what, value in (("absent", None), ("empty", ""), ("odd", "a b?"), ("number", "7")):
                copy = deepcopy(root)
                here = list(copy.iter(etree.Element))[at]
                here.attrib.pop(key) if value is None else here.set(key, value)
                yield f"{at} {name} {key} {what}", etree.tostring(copy)


def _remove(one: etree._Element) -> bool:
    parent = one.getparent()
    if parent is not None:
        parent.remove(one)
    return parent is not None


def _rename(one: etree._Element) -> bool:
    one.tag = f"{one.tag}s"
    return True


def _change_namespace(one: etree._Element) -> bool:
    one.tag = etree.QName("urn:unknown", etree.QName(one).localname)
    return True


def _duplicate(one: etree._Element) -> bool:
    if one.getparent() is not None:
        one.addnext(deepcopy(one))
    return one.getparent() is not None


def _move_back(one: etree._Element) -> bool:
    after = one.getnext()
    if after is not None:
        after.addnext(one)
    return after is not None


def _set_text(one: etree._Element) -> bool:
    one.text = "odd"
    return True


def _clear(one: etree._Element) -> bool:
    one.text = None
    for child in one:
        one.remove(child)
    return True


def _add_attribute(one: etree._Element) -> bool:
    one.set("more", "1")
    return True


_CHANGES = {
    "absent": _remove,
    "renamed": _rename,
    "of another namespace": _change_namespace,
    "twice": _duplicate,
    "after the next": _move_back,
    "with odd text": _set_text,
    "empty": _clear,
    "with one attribute more": _add_attribute,
}
