"""A module in parts: each section as a small module of its own, for packages with several SCOs.

An LMS keeps what it is told for each SCO apart, so the author's rule is divided: a part is
completed by its section seen, and the part with the suggested questions by the answers asked for as
well. All parts that count together ask for what the whole module asks for. Where there are several
sections of questions, the first ones are asked for as many answers as they can give. A part of
which the rule asks nothing does not count; it is still completed, by being seen, for an LMS shows a
state beside each. (Of a rule that asks for nothing at all, every part counts.)

A mastery is asked of each part that counts, in percent of its own rule: a share of the whole would
need a sum that no SCO can see.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from courseware.module import Completion, Module, Section


class Part(NamedTuple):
    """``module`` holds one section and its share of the rule; ``counts``: whether the rule asks
    for it; ``asked_before``: how many questions stand before it in the whole module."""

    module: Module
    counts: bool
    asked_before: int

    @property
    def section(self) -> Section:
        """The one section."""
        return self.module.sections[0]


def parts(module: Module) -> tuple[Part, ...]:
    """Return the parts in the order of the module."""
    return tuple(_parts(module))


def _parts(module: Module) -> Iterator[Part]:
    rule = module.completion
    left, asked_before = rule.questions, 0
    for section in module.sections:
        answers = min(left, len(section.questions))
        seen = section.id in rule.sections
        counts = seen or answers > 0 or not (rule.sections or rule.questions)
        own = Completion(
            sections=(section.id,) if seen or not answers else (),
            questions=answers,
            mastery=rule.mastery if counts else None,
        )
        whole = replace(module, sections=(section,), completion=own, cover=None)
        yield Part(whole, counts, asked_before)
        left -= answers
        asked_before += len(section.questions)
