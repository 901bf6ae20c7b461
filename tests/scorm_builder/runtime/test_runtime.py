from pathlib import Path

from scorm_builder import runtime
from scorm_builder.formats import registry

WHOLE = runtime.script(registry.get("scorm12").adapters).decode()


def test_the_files_are_concatenated_inside_one_function() -> None:
    names = ["pack(", "writeState(", "findApi(", "makeDevice(", "makeSession(", "makeApiClient("]
    names += ["makeCollection(", "makeScorm12(", "makePage(", "play("]
    places = [WHOLE.index(f"function {name}") for name in names]
    assert places == sorted(places)
    assert WHOLE.startswith("(() => {\n'use strict';\n")
    assert WHOLE.endswith("})();\n")


def test_only_the_requested_adapters_are_included() -> None:
    assert "function makeScorm12" in WHOLE
    assert "function makeScorm12" not in runtime.script([]).decode()


def test_only_comments_and_indentation_are_removed() -> None:
    for name in ("codec.js", "session.js", "player.js"):
        code = [line for line in runtime.source(name).splitlines() if line.startswith("function")]
        assert code
        assert all(line in WHOLE for line in code)
    lines = WHOLE.splitlines()
    assert not [line for line in lines if line.startswith(("//", "/*", "*", " ")) or not line]


def test_no_visible_text_spans_lines_and_would_lose_its_indentation() -> None:
    """Styles may: to them it is nothing."""
    for path in Path(runtime.__file__).parent.glob("*.js"):
        code = runtime.stripped(path.name).decode()
        over = [text for text in code.split("`")[1::2] if "\n" in text]
        assert all("font-size" in text for text in over), path.name


def test_it_stays_small() -> None:
    assert len(WHOLE.encode()) < 75_000
