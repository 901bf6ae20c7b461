"""Refusals: each has a status of its own side, and facts that can be shown."""

import pytest

from lti_tool.lti.refusal import FACT_LIMIT, Code, Refused


@pytest.mark.parametrize("code", list(Code))
def test_a_refusal_is_never_a_fault_of_the_server(code: Code) -> None:
    assert 400 <= Refused(code).status < 500


def test_facts_are_cleaned() -> None:
    refused = Refused(Code.WRONG_ISSUER, received="a\0\nb" + "x" * 1000)
    assert refused.facts["received"].startswith("a bx")
    assert len(refused.facts["received"]) == FACT_LIMIT
    assert str(refused).startswith("wrong_issuer (received=a bx")
