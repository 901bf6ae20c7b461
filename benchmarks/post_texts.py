"""CPU time of each analysis of a post, for ordinary and hostile texts.

Usage: ``make bench ARGS=post_texts``. Prints one row for each text: milliseconds (best of several
runs) at 10,000 and 20,000 characters for cleaning, rendering and language detection, and the size
of the HTML. A dash instead of the size means that the text is rejected as too complex.
"""

import time
from collections.abc import Callable
from itertools import count, cycle, islice

from benchmarks.tables import print_table
from courseware import characters
from courseware.markdown import TooComplex, post_html
from lti_tool.discussion import languages, text

LENGTHS = (10_000, 20_000)
"""Characters of the texts; the second is the longest that a post can be."""

ROUNDS = 3

Make = Callable[[int], str]


def repeated(piece: str) -> Make:
    """Return a maker of texts that repeat a piece."""
    return lambda length: (piece * (length // len(piece) + 1))[:length]


def numbered(piece: str) -> Make:
    """Return a maker of texts that repeat a piece with a growing number in each ``%d``."""

    def make(length: int) -> str:
        pieces: list[str] = []
        size = 0
        for number in count():
            pieces.append(piece.replace("%d", str(number)))
            size += len(pieces[-1])
            if size >= length:
                return "".join(pieces)[:length]
        raise AssertionError

    return make


def opened(start: str, end: str) -> Make:
    """Return a maker of texts whose first half repeats ``start``, the second ``end``."""
    return lambda length: repeated(start)(length // 2) + repeated(end)(length // 2)


def growing(mark: str, between: str) -> Make:
    """Return a maker of texts with runs of a mark: one, two, three of them and so on."""

    def make(length: int) -> str:
        runs: list[str] = []
        size = 0
        for number in count(1):
            runs.append(mark * number + between)
            size += len(runs[-1])
            if size >= length:
                return "".join(runs)[:length]
        raise AssertionError

    return make


def wide_table(length: int) -> str:
    """Header and delimiter row of an eighth each, then rows of one character."""
    columns = length // 8
    return (f"{'|a' * columns}\n{'|-' * columns}\n{chr(124)}\n" + "|\n" * length)[:length]


def square_table(length: int) -> str:
    """As many columns as rows, each row a single character: few characters, many cells."""
    side = int((length // 6) ** 0.5) * 3
    return (f"{'|a' * side}\n{'|-' * side}\n" + "|\n" * side)[:length]


def full_table(length: int) -> str:
    """Four columns with a word in each cell, as people write them."""
    row = "| city | people | year | note |\n"
    return (row + "| --- | --: | :-: | --- |\n" + repeated(row)(length))[:length]


def nested_list(length: int) -> str:
    """Each item inside the one before it."""
    lines: list[str] = []
    size = 0
    for depth in count():
        lines.append("  " * depth + "- a\n")
        size += len(lines[-1])
        if size >= length:
            return "".join(lines)[:length]
    raise AssertionError


def mixed(length: int) -> str:
    """Every construct, one after the other."""
    parts = (
        "# Title\n\n", "A *word* and **two** `three`.\n\n", "> quoted\n> > again\n\n",
        "- one\n  - two\n    1. three\n\n", "| a | b |\n|---|---|\n| 1 | 2 |\n\n",
        "[link](https://example.org/a_(b)) and https://example.org/c.\n\n", "```\ncode\n```\n\n",
        "~~gone~~ &amp; &#x41; <b>raw</b>\n\n", "مرحبا ไทย 中文 👩\u200d🌾\n\n", "---\n\n",
    )  # fmt: skip
    found: list[str] = []
    size = 0
    for part in cycle(parts):
        found.append(part)
        size += len(part)
        if size >= length:
            return "".join(found)[:length]
    raise AssertionError


def combining(marks: str) -> Make:
    """Return a maker of texts of one letter with nothing but marks on it."""
    return lambda length: "a" + "".join(islice(cycle(marks), length - 1))


TEXTS: dict[str, Make] = {
    # What people write.
    "Spanish": repeated("En mi pueblo lo hicimos al revés: primero la escuela, luego la caja. "),
    "Spanish paragraphs": repeated("Primero la escuela,\nluego la caja de ahorros.\n\n"),
    "Thai": repeated("สหกรณ์ของเราตัดสินใจร่วมกันทุกเดือน"),
    "Chinese": repeated("我们的合作社每个月一起决定。"),
    "Japanese": repeated("私たちの協同組合は毎月一緒に決めます。"),
    "Lao": repeated("ສະຫະກອນຂອງພວກເຮົາຕັດສິນໃຈຮ່ວມກັນ"),
    "Khmer": repeated("សហករណ៍របស់យើងសម្រេចចិត្តជាមួយគ្នា"),
    "Burmese": repeated("ကျွန်ုပ်တို့၏သမဝါယမ"),
    "Arabic": repeated("في قريتنا بدأنا بالمدرسة ثم بصندوق التوفير. "),
    "Persian": repeated("ما در روستای خود گفت‌وگو می‌کنیم پچژگ "),
    "Hebrew without spaces": repeated("שלוםעולם"),
    "emoji": repeated("👩\u200d🌾👍🏽"),
    "mixed": mixed,
    "full table": full_table,
    "URLs with marks": repeated("*see https://example.org/_a_* "),
    "URLs in quotation marks": repeated("'a https://a.b/'"),
    "schemes without spaces": repeated("https://"),
    "URLs in brackets": repeated("(https://a.b/)"),
    "marks before URLs": opened("*a ", "https://a.b/ "),
    "quotation marks before URLs": opened("'a", " 'https://a.b/"),
    "addresses with marks": repeated("www.a.b/_a_*b* "),
    "one address of marks": lambda length: "www.a.b/" + repeated("_a*")(length - 8),
    "marks after what is no address": lambda length: "a." + repeated("a_.a*.")(length - 2),
    "digits and asterisks": repeated("2*"),
    "numbered items": numbered("%d. a\n"),
    "link definitions": numbered("[%d]: https://a.b/\n"),
    "links without text": repeated("[](https://a.b/) "),
    # No spaces, long lines, spaces and line ends only around a letter.
    "one letter": repeated("a"),
    "letters and full stops": repeated("a."),
    "capitals": repeated("ABC"),
    "digits": repeated("1"),
    "one long line": repeated("word "),
    "new lines": lambda length: "a" + "\n" * (length - 2) + "b",
    "carriage returns": lambda length: "a" + "\r" * (length - 2) + "b",
    "spaces": lambda length: "a" + " " * (length - 2) + "b",
    "tabs": lambda length: "a" + "\t" * (length - 2) + "b",
    "lines of spaces": lambda length: "a" + repeated("   \n")(length - 2) + "b",
    "spaces that no break space ends": lambda length: "\u00a0" * (length - 1) + "b",
    "one word a line": repeated("a\n"),
    "one word a paragraph": repeated("a\n\n"),
    "hard breaks": repeated("a  \n"),
    "hard breaks by backslash": repeated("a\\\n"),
    "indented lines": repeated("    a\n"),
    "spaces before a line end": repeated("a" + " " * 400 + "\n"),
    # Combining marks, directions.
    "marks of one class": combining("\u0301"),
    "marks of two classes": combining("\u0301\u0323"),
    "marks in reverse order": lambda length: (
        "a" + "\u0301" * (length // 2) + "\u0323" * (length // 2)
    ),
    "marks of many classes": combining("\u0345\u0301\u0327\u0323\u05b0\u0334"),
    "Hangul jamo": repeated("\u1100\u1161\u11a8"),
    "isolates": repeated("\u2067a\u2069"),
    "overrides": repeated("\u202ea"),
    # Tables.
    "wide table": wide_table,
    "square table": square_table,
    "table without line ends between": lambda length: (
        "|a" * (length // 8) + "|-" * (length // 8) + "|\n" * (length // 4)
    ),
    "many tables": repeated("|a|b\n|-|-\n|\n|\n\n"),
    "many wide tables": repeated("|a" * 40 + "\n" + "|-" * 40 + "\n" + "|\n" * 120 + "\n"),
    "aligned cells": lambda length: (
        "|a" * (length // 20) + "\n" + "|:-:" * (length // 20) + "\n" + "|\n" * length
    )[:length],
    "header without a table": repeated("|a|b\n|-\n"),
    "pipes": repeated("|"),
    "escaped pipes": lambda length: "a|b\n-|-\n" + repeated("\\|")(length - 8),
    "pipes in lines": repeated("|-\n"),
    "delimiter rows": repeated("|-|-|\n"),
    # Quotes and lists.
    "quotes on one line": repeated(">"),
    "quotes with spaces": repeated("> "),
    "quote after quote": repeated("> a\n"),
    "deeper quotes": growing(">", "a\n"),
    "quotes nested on lines": repeated(">" * 18 + "a\n"),
    "lazy quotes": lambda length: ">" * (length // 2) + "a\n" * (length // 4),
    "quotes to code": repeated(">     a\n"),
    "nested list": nested_list,
    "nested list on one line": repeated("- "),
    "nested numbers on one line": repeated("1. "),
    "list items": repeated("- a\n"),
    "empty items": repeated("-\n"),
    "loose items": repeated("- a\n\n"),
    "numbers with gaps": numbered("%d0. a\n"),
    "alternating items": repeated("- a\n+ a\n* a\n"),
    "lists in quotes": repeated("> - "),
    "quotes in lists": repeated("- > "),
    "items that a number cannot open": numbered("a\n%d. "),
    "indented items": repeated("  - a\n    - b\n      - c\n        - d\n"),
    # Headings, rules, code.
    "headings": repeated("# a\n"),
    "headings of marks": repeated("#"),
    "heading that ends in marks": lambda length: "# a " + "#" * (length - 4),
    "underlined headings": repeated("a\n=\n"),
    "underlines": repeated("a\n---\n"),
    "one long underline": lambda length: "a\n" + "=" * (length - 2),
    "rules": repeated("---\n"),
    "rules of stars": repeated("* * *\n"),
    "long almost rule": lambda length: "* " * (length // 2 - 1) + "a",
    "fences": repeated("```\n"),
    "unclosed fences": lambda length: "```\n" + repeated("a\n")(length - 4),
    "growing fences": growing("`", "\n"),
    "fences of tildes": repeated("~~~\na\n"),
    "fences of two kinds": repeated("```\n~~~\n"),
    "fences that never close": repeated("```a`\n"),
    "indented fences": repeated("   ```\n"),
    "code blocks": repeated("\n    a\n"),
    # Emphasis.
    "stars": repeated("*"),
    "stars around letters": repeated("*a"),
    "stars with spaces": repeated("*a "),
    "stars closed late": opened("*a ", "a* "),
    "strong closed late": opened("**a ", "a** "),
    "emphasis": repeated("*a* "),
    "three stars": repeated("***a* "),
    "underscores": repeated("_"),
    "underscores in words": repeated("a_"),
    "underscores and stars": repeated("*_"),
    "closed and opened": repeated("a**b" + "c* "),
    "stars that do not match": repeated("a* *b"),
    "stars of growing lengths": growing("*", "a"),
    "tildes": repeated("~"),
    "pairs of tildes": repeated("~~a"),
    "tildes closed late": opened("~~a ", "a~~ "),
    "three kinds": repeated("*a_b~~c"),
    "odd runs": repeated("a***b**c*"),
    # Code in a line.
    "backticks": repeated("`"),
    "backticks apart": repeated("` "),
    "backticks of growing lengths": growing("`", "a"),
    "backticks of falling lengths": lambda length: (
        "".join("`" * n + "a" for n in range(int((2 * length) ** 0.5), 0, -1))[:length]
    ),
    "backticks in links": repeated("[`"),
    "one backtick": lambda length: "`" + "a" * (length - 1),
    "backticks and letters": repeated("`a"),
    # Links and pictures.
    "brackets opened": repeated("["),
    "brackets closed": repeated("]"),
    "brackets nested": opened("[", "]"),
    "500 brackets opened": lambda length: "[" * 500 + "a" * (length - 500),
    "500 brackets spread": lambda length: (
        ("[" + "a" * (length // 500 - 1)) * 500
    ),
    "500 brackets before stars": lambda length: "[" * 500 + repeated("*a ")(length - 500),
    "500 brackets before backticks": lambda length: "[" * 500 + growing("`", "a")(length - 500),
    "500 brackets before entities": lambda length: "[" * 500 + repeated("&")(length - 500),
    "500 brackets before new lines": lambda length: "[" * 500 + repeated("a\n")(length - 500),
    "500 links never closed": lambda length: "[a](" * 500 + "b" * (length - 2000),
    "500 links with angles never closed": lambda length: "[a](<b" * 500 + "b" * (length - 3000),
    "500 titles never closed": lambda length: '[a](b "' * 500 + "b" * (length - 3500),
    "500 titles of spaces": lambda length: (
        ("[a](b" + " " * (length // 500 - 5)) * 500
    ),
    "500 labels never closed": lambda length: "[a][" * 250 + "b" * (length - 1000),
    "500 pictures": lambda length: "![" * 500 + "a" * (length - 1000),
    "500 pictures nested": lambda length: (
        "![" * 250 + "a" * (length - 1500) + "](b)" * 250
    ),
    "500 links nested": lambda length: "[" * 500 + "a" * (length - 2500) + "](b)" * 500,
    "pictures nested": lambda length: (
        "![" * (length // 40) + "a" + "](http://b)" * (length // 40)
    ),
    "links nested": lambda length: "[" * 400 + "a" * (length - 5000) + "](http://b)" * 400,
    "links": repeated("[a](b)"),
    "links to sites": repeated("[a](http://b)"),
    "links in brackets": repeated("[[a](http://b)]"),
    "brackets and parentheses": repeated("]("),
    "opened and linked": repeated("[]("),
    "opened with parentheses": repeated("[a](("),
    "escaped brackets": repeated("\\["),
    "exclamation marks": repeated("!"),
    "pictures opened": repeated("!["),
    "pictures": repeated("![a](http://b)"),
    "long title": lambda length: '[a](http://b "' + "t" * (length - 16) + '")',
    "long label": lambda length: "[" + "a" * (length - 2) + "]",
    "reference definitions": numbered("[a%d]: http://b\n"),
    "references": lambda length: "[a]: http://b\n\n" + repeated("[a] ")(length - 15),
    "long references": lambda length: (
        f"[a]: http://b/{'c' * (length // 2)}\n\n" + repeated("[a] ")(1900) + "d" * (length // 3)
    )[:length],
    "references to a long title": lambda length: (
        f"[a]: http://b '{'c' * (length // 2)}'\n\n" + repeated("[a] ")(1900)
    ),
    "references to a long URL of Thai": lambda length: (
        f"[a]: http://b/{'ก' * (length // 2)}\n\n" + repeated("[a] ")(1900)
    ),
    "definitions not finished": repeated("[a]:\n"),
    "definitions with titles": repeated('[a]: b "\n'),
    "definitions in a paragraph": repeated("a\n[b]: c\n"),
    "definition with a long title": lambda length: "[a]: b '" + repeated("c\n")(length - 8),
    "definition of a long label": lambda length: "[" + repeated("a\n")(length - 1),
    # URLs and addresses.
    "angles": repeated("<"),
    "angles and letters": repeated("<a"),
    "closed angles": repeated("<a>"),
    "autolinks": repeated("<http://a>"),
    "autolinks not closed": repeated("<http://a"),
    "one long autolink": lambda length: "<http://" + "a" * (length - 9) + ">",
    "e-mail not closed": lambda length: "<" + "a" * (length - 4) + "@a>",
    "e-mail of dots": lambda length: "<a@" + repeated("a.")(length - 4) + ">",
    "URLs": repeated("http://a "),
    "URLs without spaces": repeated("http://a"),
    "URLs and colons": repeated("http://"),
    "URLs in lines": repeated("https://example.org/a\n"),
    "long URL": lambda length: "http://" + "a" * (length - 7),
    "URL that ends in full stops": lambda length: "http://a" + "." * (length - 8),
    "URL that ends in brackets": lambda length: "http://a" + ")" * (length - 8),
    "URL of parentheses": lambda length: "http://a" + "()" * (length // 2 - 4),
    "URLs that end in brackets": repeated("http://a" + ")" * 1900 + " "),
    "URL of Thai": lambda length: "http://a/" + "ก" * (length - 9),
    "URLs of percent signs": repeated("http://a/%"),
    "URL of escaped bytes": lambda length: "http://a/" + repeated("%C3%A9")(length - 9),
    "URLs of emoji": repeated("http://a/👍"),
    "www": repeated("www."),
    "www with names": repeated("www.a.org "),
    "e-mail": repeated("a@"),
    "e-mail with names": repeated("a@b.org "),
    "long name before at": lambda length: "a" * (length - 2) + "@a",
    "at signs": repeated("@"),
    "at after at": lambda length: "a@" + "b." * (length // 2 - 1),
    "h": repeated("h"),
    "http": repeated("http"),
    # Entities, escapes, HTML.
    "ampersands": repeated("&"),
    "entities": repeated("&amp;"),
    "entities of many bytes": repeated("&#x1F468;"),
    "entities that expand": repeated("&NotGreaterFullEqual;"),
    "entities not closed": repeated("&amp"),
    "numbers of entities": repeated("&#9;"),
    "backslashes": repeated("\\"),
    "escapes": repeated("\\*"),
    "quotation marks": repeated('"'),
    "tags": repeated("<b>a</b>"),
    "tags opened": repeated("<div>"),
    "comments": repeated("<!--"),
    "scripts": repeated("<script>"),
    "attributes": lambda length: "<a " + repeated("a=b ")(length - 3),
    "processing": repeated("<?"),
    "character data": repeated("<![CDATA["),
    "null bytes": repeated("\x00a"),
    "replacement characters": repeated("\ufffd"),
}  # fmt: skip
"""Makers of the texts by name; each is given the length in characters."""


def rendered(source: str) -> str | None:
    """Return the HTML of a text, or None if it is too complex."""
    try:
        return post_html(source)
    except TooComplex:
        return None


def analyses(submitted: str) -> tuple[Callable[[], object], ...]:
    """Return the analyses of a post: clean, detect the language, render."""
    source = text.clean_text(submitted)
    return (
        lambda: characters.is_blank(text.clean_text(submitted)),
        lambda: languages.detect(source, languages.OFFERED),
        lambda: rendered(source),
    )


def milliseconds(act: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the CPU time of the fastest of several runs."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        act()
        best = min(best, time.process_time() - start)
    return best * 1000


def main() -> None:
    """Measure, and print the table."""
    languages.detect("The classifier is loaded once.", languages.OFFERED)
    rows = []
    for name, make in TEXTS.items():
        times = [[milliseconds(act) for act in analyses(make(length))] for length in LENGTHS]
        html = rendered(text.clean_text(make(LENGTHS[-1])))
        shown = [f"{one:.1f} / {two:.1f}" for one, two in zip(*times, strict=True)]
        total = f"{sum(times[0]):.1f} / {sum(times[1]):.1f}"
        rows.append([name, *shown, total, "-" if html is None else f"{len(html):,}"])
    short, long = LENGTHS
    print_table(
        f"Texts of posts: CPU ms at {short:,} / {long:,} characters, best of {ROUNDS}",
        ["text", "clean", "detect the language", "render", "total", "HTML characters"],
        rows,
    )


if __name__ == "__main__":
    main()
