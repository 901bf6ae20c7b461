"""What to say about each kind of markup that is not supported."""

from collections.abc import Mapping

KINDS: Mapping[str, tuple[str, str]] = {
    "formula": (
        "Formulas cannot be written here",
        "Write it with ordinary signs (x², √2, ½), or as a picture with its words.",
    ),
    "latex": (
        "LaTeX commands mean nothing here",
        "Write what the command would show, or a picture with its words.",
    ),
    "footnote": (
        "There are no footnotes",
        "Write the note in brackets in the sentence, or in a list of sources at the end.",
    ),
    "highlight": ("There is no highlighting", "Write **strong** or *emphasis* instead."),
    "inserted": ("There is no markup for inserted words", "Write **strong** instead."),
    "superscript": ("There is no superscript", "Write the raised sign itself: x², 1.º, CO₂."),
    "subscript": ("There is no subscript", "Write the lowered sign itself: H₂O, CO₂."),
    "emoji": ("Short codes of emoji are not replaced", "Write the emoji itself."),
    "container": (
        "There are no boxes between colons",
        "Write the text as a quotation, each line with > before it.",
    ),
    "admonition": (
        "There are no boxes for notes",
        "Write the text as a quotation: > **Note.** And the words.",
    ),
    "attributes": (
        "Classes, sizes and attributes cannot be set",
        "Remove the curly brackets. Only a heading can have an id, of the letters a to z, digits "
        "and hyphens: ## Title {#my-id}",
    ),
    "task": ("There are no boxes to tick", "Write ☐ or ☑ instead of the square brackets."),
    "definition": (
        "There are no definition lists",
        "Write a list: - **Term:** what it means.",
    ),
    "wiki": ("There are no links between double brackets", "Write [words](videos.md) instead."),
    "contents": (
        "There is no mark for a table of contents",
        "Remove it: the page has its contents beside the text.",
    ),
    "abbreviation": (
        "Abbreviations cannot be declared",
        "Write the whole name where the abbreviation comes first.",
    ),
    "template": (
        "Templates, variables and shortcodes are not filled in",
        "Write the text itself; if the sign { is meant, write it as code: `{…}`.",
    ),
    "program": (
        "Programs (MDX) cannot be part of a text",
        "Remove the line, and write in Markdown what it would show.",
    ),
    "comment": ("%% does not hide a text", "Write a comment as <!-- … -->."),
    "undefined": (
        "Nothing defines this link, in this text or this item",
        "Write the link as [words](https://…); or, if square brackets are meant, \\[ and \\].",
    ),
    "broken-link": (
        "This link is not closed or has a space",
        "Write [words](https://…) without spaces; a space in the URL itself is %20.",
    ),
    "unpaired": (
        "These signs have no counterpart",
        "Write **strong**, ~~struck~~ or `code` without spaces inside the signs; for the signs "
        "themselves, a backslash before each: \\*\\*",
    ),
    "table": (
        "This is no table",
        "Write below its first row a row with as many columns: | --- | --- |",
    ),
    "bullets": (
        "This sign does not begin an item of a list",
        'Begin the line with "- " (a hyphen and a space), or with "1. " (a number, a full stop and '
        "a space).",
    ),
    "bare": (
        "This is not a link",
        "Write [words](https://www.example.org/), or <name@example.org> for an e-mail address.",
    ),
    "change": (
        "Marks of changes are not applied",
        "Write the text as it is to be read.",
    ),
    "directive": (
        "Directives and roles of other programs mean nothing here",
        "Write in Markdown what they would show.",
    ),
    "wiki-text": (
        "This is the markup of a wiki",
        "Write ## Title for a heading, **strong** and *emphasis*.",
    ),
    "citation": (
        "Citations are not looked up",
        "Write the author and the year, and the source in a list at the end.",
    ),
    "square-tag": (
        "Tags in square brackets mean nothing here",
        "Write **strong**, *emphasis*, [words](https://…) and so on; a video belongs in a section "
        "of the kind videos.",
    ),
    "entity": ("No sign has this name", "Write the sign itself."),
    "diagram": (
        "Diagrams and formulas are not drawn from their code",
        "Save the drawing as a picture, and show it with its words.",
    ),
    "front-matter": (
        "Front matter is not read",
        "Remove these lines; what is about the whole module is in module.toml.",
    ),
}
"""What to say about each kind: why, and what to write instead."""

LEFT_OUT: Mapping[str, tuple[str, str]] = {
    "unused-definition": (
        "Nothing in this text or this item uses this definition of a link, so it is left out",
        "Write the link as [words](https://…) where it belongs, or remove the line.",
    ),
    "second-definition": (
        "This link is defined a second time; only the first definition counts",
        "Give one of them another name.",
    ),
    "open-code": (
        "This block of code is not closed, so everything that follows is code",
        "End it with a line of the same signs (```), or remove them.",
    ),
    "indented-heading": (
        "This line is indented like code, so it is no heading",
        "Remove the spaces before the #.",
    ),
    "cells": (
        "This row has more cells than the first row of its table; the last ones are left out",
        "Add columns to the first two rows, or write \\| for a bar inside a cell.",
    ),
}
"""The same for what would not even be shown, or not as what it is."""
