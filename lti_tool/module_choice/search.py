"""Find modules by their titles, texts, authors, keywords and languages.

The words of a query are looked for at the beginning of words, without case and accents, as in the
search of posts. All of them must be in the module, in any of its languages.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from courseware.languages import endonym
from courseware.module import Module
from lti_tool.discussion.search_words import (
    ARABIC_PREFIXES,
    MAX_QUERY,
    fold,
    is_unspaced,
    parse_query,
)


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched: words, and a language that the module has. Empty: everything."""

    words: str = ""
    language: str = ""

    @classmethod
    def of(cls, words: str, language: str) -> "Search":
        """Return the search of two fields as they were submitted."""
        return cls(words.strip()[:MAX_QUERY], language.strip()[:35])

    def __bool__(self) -> bool:
        return bool(self.words or self.language)


def find(modules: Sequence[Module], search: Search) -> list[Module]:
    """Return the modules that match, in their order."""
    if search.language:
        modules = [module for module in modules if search.language in module.languages]
    terms = parse_query(search.words).terms
    runs = {run for term in terms for run in term.runs}
    if search.words and not runs:
        return []
    return [module for module in modules if all(_has(_text_of(module), run) for run in runs)]


def languages_of(modules: Iterable[Module]) -> list[tuple[str, str]]:
    """Return the languages of some modules with their own names, in the order of the names."""
    tags = {tag for module in modules for tag in module.languages}
    return sorted(((tag, endonym(tag)) for tag in tags), key=lambda each: each[1].casefold())


def _has(text: str, run: str) -> bool:
    if is_unspaced(run):
        return run in text
    return any(f" {prefix}{run}" in text for prefix in ("", *ARABIC_PREFIXES))


_texts: dict[str, tuple[Module, str]] = {}


def _text_of(module: Module) -> str:
    """The folded words of a module, made once while the module does not change."""
    found = _texts.get(module.id)
    if found is None or found[0] is not module:
        if len(_texts) > 2000:
            _texts.clear()
        found = _texts[module.id] = (module, f" {fold(' '.join(_pieces(module)))}")
    return found[1]


def _pieces(module: Module) -> Iterator[str]:
    for texts in (module.titles, module.summaries, module.series):
        yield from texts.values()
    yield from (module.id, str(module.number or ""), *module.keywords, *module.authors)
    yield from (endonym(tag) for tag in module.languages)
    for section in module.sections:
        yield from section.titles.values()
        yield from (text.markdown for text in section.texts.values())
        for item in section.items:
            yield from item.titles.values()
            yield from (text.markdown for text in item.texts.values())
