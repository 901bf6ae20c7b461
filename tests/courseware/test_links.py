"""Resolving the links of a module's texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.links import Link, resolve

LINKS = {
    "https://example.org/a#b": Link("site", "https://example.org/a#b"),
    "MAILTO:ana@example.org": Link("site", "MAILTO:ana@example.org"),
    "tel:+5411": Link("site", "tel:+5411"),
    "#film": Link("place", "film"),
    "#": Link("place", ""),
    "videos.md": Link("place", "videos"),
    "./videos.md#film": Link("place", "film"),
    "../en/videos.md#film": Link("place", "film"),
    "../media/map.png": Link("file", "media/map.png"),
    "media/map.png": Link("file", "media/map.png"),
    "../media/./a/../map.png?x#y": Link("file", "media/map.png"),
    "map.png": Link("file", "es/map.png"),
    "../README.md": Link("file", "README.md"),
    "../../other": Link("outside", "../../other"),
    "media/../../x": Link("outside", "media/../../x"),
    "/etc/passwd": Link("outside", "/etc/passwd"),
    "..\\x": Link("outside", "..\\x"),
    "//example.org": Link("unsupported", "//example.org"),
    "javascript:alert(1)": Link("unsupported", "javascript:alert(1)"),
    "data:text/html,x": Link("unsupported", "data:text/html,x"),
    "C:\\x": Link("outside", "C:\\x"),
}


@pytest.mark.parametrize("url", LINKS)
def test_links_in_a_text(url: str) -> None:
    assert resolve("es/introduction.md", url) == LINKS[url]


@given(st.lists(st.sampled_from(["..", ".", "media", "a", "/", "\\", "#", "?", ":", "é", ""])))
def test_links_never_resolve_to_files_outside_the_folder(parts: list[str]) -> None:
    link = resolve("es/introduction.md", "/".join(parts))
    if link.kind == "file":
        assert not link.value.startswith(("/", "../"))
        assert ".." not in link.value.split("/")
