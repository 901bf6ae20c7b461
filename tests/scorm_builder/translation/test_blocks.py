"""Splitting Markdown into translation units."""

from hypothesis import given
from hypothesis import strategies as st

from scorm_builder.translation.blocks import (
    GAP,
    is_like,
    split,
    units,
    with_translations,
)

TEXT = """\
A paragraph
in two lines.

## A heading {#place}

- one
- two

  in two paragraphs
1. first

| a | b |
| - | - |
| c | d |

```
code = "x"
```

<!-- a note -->

---

[ref]: https://example.org

Last, [with a link][ref]."""

MARKDOWN = st.lists(
    st.sampled_from(
        [
            *("# ", "- ", "1. ", "> ", "```\n", "    ", "\n", "\n\n", "a", "é", "word ", "0"),
            *("| a |\n|-|\n", "[a]: b\n", "<!-- c -->\n", "---\n", "\t", "*", "\u2028"),
            *("\x0b", "  \n", "![x](y)"),
        ]
    ),
    max_size=30,
).map("".join)


def test_one_unit_for_each_block() -> None:
    assert [piece.kind for piece in units(TEXT)] == [
        *("paragraph", "heading", "list_item", "list_item", "list_item"),
        *("table", "fence", "paragraph"),
    ]
    assert units(TEXT)[3].text == "- two\n\n  in two paragraphs"
    assert units(TEXT)[1].line == 3


def test_blocks_without_text_are_copied() -> None:
    translated = with_translations(TEXT, {place: f"<{place}>" for place in range(8)})
    assert "<!-- a note -->\n\n---\n\n[ref]: https://example.org\n\n<7>" in translated
    assert translated.startswith("<0>\n\n<1>\n\n<2>\n<3>\n<4>\n")


@given(MARKDOWN | st.text())
def test_the_joined_pieces_are_the_text(text: str) -> None:
    pieces = split(text)
    assert "".join(piece.text for piece in pieces) == text
    same = {place: piece.text for place, piece in enumerate(units(text))}
    assert with_translations(text, same) == text
    for piece in pieces:
        assert piece.kind == GAP or piece.text.strip("\n") == piece.text
        assert text.split("\n")[piece.line].startswith(piece.text.split("\n")[0])


def test_units_are_replaced_by_translations() -> None:
    paragraph, heading = units("Words.\n\n## Title")
    assert is_like(paragraph, "Autres *mots*.\nEncore.")
    assert not is_like(paragraph, "Un.\n\nDeux.")
    assert not is_like(paragraph, "# Un titre")
    assert not is_like(paragraph, "- un")
    assert not is_like(paragraph, "")
    assert is_like(heading, "## Titre")
    assert not is_like(heading, "Titre")
