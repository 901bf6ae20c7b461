"""The completion rule of each section's SCO."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware import sections
from courseware.module import Completion, Item, Module
from scorm_builder.sco_split import split
from tests.support.small_module import SECTIONS

Divided = dict[str, tuple[bool, bool, int, int | None]]


def divided(module: Module, rule: Completion) -> Divided:
    """For each section: whether it counts, whether it must be seen, how many answers, mastery."""
    return {
        part.section.id: (
            part.counts,
            part.section.id in part.module.completion.sections,
            part.module.completion.questions,
            part.module.completion.mastery,
        )
        for part in split(replace(module, completion=rule))
    }


SEEN = (True, True, 0, None)
NOT_COUNTED = (False, True, 0, None)
RULES: dict[str, tuple[Completion, Divided]] = {
    "everything seen": (Completion(SECTIONS, 0), dict.fromkeys(SECTIONS, SEEN)),
    "everything seen and two answers": (
        Completion(SECTIONS, 2),
        dict.fromkeys(SECTIONS, SEEN) | {"questions": (True, True, 2, None)},
    ),
    "some sections": (
        Completion(("videos", "questions"), 1),
        dict.fromkeys(SECTIONS, NOT_COUNTED) | {"videos": SEEN, "questions": (True, True, 1, None)},
    ),
    "answers alone": (
        Completion((), 1),
        dict.fromkeys(SECTIONS, NOT_COUNTED) | {"questions": (True, False, 1, None)},
    ),
    "nothing at all": (Completion((), 0), dict.fromkeys(SECTIONS, SEEN)),
    "a mastery, of what counts": (
        Completion(("videos",), 2, 80),
        dict.fromkeys(SECTIONS, NOT_COUNTED)
        | {"videos": (True, True, 0, 80), "questions": (True, False, 2, 80)},
    ),
}


@pytest.mark.parametrize("case", RULES)
def test_the_rule_of_each_section_sco(module: Module, case: str) -> None:
    rule, expected = RULES[case]
    assert divided(module, rule) == expected


@given(counts=st.lists(st.integers(0, 4), min_size=1, max_size=5), data=st.data())
def test_all_scos_together_require_the_rule_of_the_module(
    module: Module, counts: list[int], data: st.DataObject
) -> None:
    changed = tuple(
        replace(
            module.sections[number],
            kind=sections.get("questions"),
            items=tuple(Item(f"q-{number}-{one}", {}, {}) for one in range(count)),
        )
        for number, count in enumerate(counts)
    )
    names = [section.id for section in changed]
    seen = tuple(data.draw(st.lists(st.sampled_from(names), unique=True)))
    rule = Completion(seen, data.draw(st.integers(0, sum(counts))))
    found = list(split(replace(module, sections=changed, completion=rule)))
    assert sum(part.module.completion.questions for part in found) == rule.questions
    assert [part.questions_before for part in found] == [
        sum(counts[:n]) for n in range(len(counts))
    ]
    assert all(len(part.module.sections) == 1 for part in found)
    if seen or rule.questions:
        asked = {name for part in found if part.counts for name in part.module.completion.sections}
        assert asked == set(seen)
    else:
        assert all(part.counts for part in found)
