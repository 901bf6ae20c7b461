"""Split a module into one SCO per section, with the author's completion rule divided among them.

An LMS tracks each SCO separately. A section's SCO is completed when the section was seen; the one
with the suggested questions also requires the number of answers that the rule asks for. All SCOs
that count together require what the whole module requires. If several sections have questions, the
first ones require as many answers as they can. An SCO of which the rule asks nothing does not count
towards the module, but is still completed by being seen, because an LMS shows a status for each.
If the rule asks for nothing at all, every SCO counts.

The mastery is required of each SCO that counts, in percent of its own rule: a share of the whole
would need a sum that no SCO can see.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from courseware.module import Completion, Module, Section


@dataclass(frozen=True, slots=True)
class SectionSco:
    """A section as a module of its own.

    ``module`` has the one section and its part of the completion rule; ``counts`` says whether the
    rule of the whole module depends on it; ``questions_before`` is the number of questions in the
    sections before it.
    """

    module: Module
    counts: bool
    questions_before: int

    @property
    def section(self) -> Section:
        """The one section."""
        return self.module.sections[0]


def split(module: Module) -> Iterator[SectionSco]:
    """Yield an SCO for each section in the order of the module."""
    rule = module.completion
    answers_left, questions_before = rule.questions, 0
    for section in module.sections:
        answers = min(answers_left, len(section.questions))
        must_be_seen = section.id in rule.sections
        counts = must_be_seen or answers > 0 or not (rule.sections or rule.questions)
        own = Completion(
            sections=(section.id,) if must_be_seen or not answers else (),
            questions=answers,
            mastery=rule.mastery if counts else None,
        )
        alone = replace(module, sections=(section,), completion=own, cover=None)
        yield SectionSco(alone, counts, questions_before)
        answers_left -= answers
        questions_before += len(section.questions)
