"""Tables of posts: a row with more cells than the head keeps them all.

GFM drops such cells (https://github.github.com/gfm/#tables-extension-), and with them what
somebody typed.
"""

from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import escapedSplit, getLine, table
from markdown_it.token import Token


def whole_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a table as markdown-it does, and add the cells that it dropped."""
    first = len(state.tokens)
    if not table(state, start, end, silent):
        return False
    if not silent:
        state.tokens[first:] = _with_all_cells(state, state.tokens[first:])
    return True


def _with_all_cells(state: StateBlock, tokens: list[Token]) -> list[Token]:
    whole: list[Token] = []
    cells = 0
    line = 0
    for token in tokens:
        if token.type == "tr_open" and token.map:
            cells, line = 0, token.map[0]
        elif token.type in ("th_open", "td_open"):
            cells += 1
        elif token.type == "tr_close":
            for content in _cells_of(getLine(state, line))[cells:]:
                whole += _cell(content, line, token.level + 1)
        whole.append(token)
    return whole


def _cells_of(line: str) -> list[str]:
    """Split a row as markdown-it does; empty cells at its end are left out."""
    cells = [cell.strip() for cell in escapedSplit(line.strip())]
    if cells[:1] == [""]:
        del cells[0]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _cell(content: str, line: int, level: int) -> tuple[Token, Token, Token]:
    inline = Token("inline", "", 0, map=[line, line + 1], level=level + 1)
    inline.content, inline.children = content, []
    return Token("td_open", "td", 1, level=level), inline, Token("td_close", "td", -1, level=level)
