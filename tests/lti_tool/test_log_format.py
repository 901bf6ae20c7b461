"""A fault in the log: found by whoever mends it, and silent about people."""

import logging
from pathlib import Path

import pytest

from lti_tool import log_format
from lti_tool.app import create_app
from lti_tool.settings import load


def broken() -> None:
    try:
        raise KeyError("Ana Quispe")
    except KeyError as error:
        raise ValueError("ana@example.org") from error


def test_kind_place_and_cause_are_told_and_no_message() -> None:
    with pytest.raises(ValueError, match="ana@") as caught:
        broken()
    told = log_format.told(caught.value)
    assert told.startswith("ValueError: lti_tool/test_log_format.py:")
    assert "broken, after KeyError: lti_tool/test_log_format.py:" in told
    assert "Ana" not in told
    assert "ana@" not in told
    assert "\n" not in told


def test_a_fault_of_a_page_is_one_line_without_what_it_says(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(load({"MINGA_DATA_DIR": str(tmp_path)}))

    @app.get("/broken")
    def view() -> None:
        broken()

    with caplog.at_level(logging.INFO):
        assert app.test_client().get("/broken").status_code == 500
    assert "fault in view: ValueError" in caplog.text
    assert "test_log_format.py" in caplog.text
    assert "ana@example.org" not in caplog.text
    assert "Traceback" not in caplog.text
