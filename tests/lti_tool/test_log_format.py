"""The log: where a fault happened, without personal data; text or JSON; one line each."""

import json
import logging
from pathlib import Path

import pytest

from lti_tool import log_format
from lti_tool.app import create_app
from lti_tool.settings import load
from tests.support.served import lti_tool


def broken() -> None:
    try:
        raise KeyError("Ana Quispe")
    except KeyError as error:
        raise ValueError("ana@example.org") from error


def test_kind_place_and_cause_are_told_and_no_message() -> None:
    with pytest.raises(ValueError, match="ana@") as caught:
        broken()
    told = log_format.describe(caught.value)
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


def record(message: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord("lti_tool.web", logging.WARNING, "x.py", 1, message, arguments, None)


def test_json_lines_have_the_fields_of_the_record() -> None:
    line = json.loads(log_format.formatter("json").format(record("refused: %s", "á\nb")))
    assert (line["level"], line["logger"]) == ("WARNING", "lti_tool.web")
    assert line["message"] == "refused: á\nb"
    assert line["time"].endswith("+00:00")
    assert "request_id" not in line


def test_a_value_cannot_begin_a_line_of_its_own() -> None:
    line = log_format.formatter("text").format(record("refused: %s", "a\nERROR root: false"))
    assert line == "WARNING lti_tool.web: refused: a\\nERROR root: false"


@pytest.mark.parametrize("form", ["text", "json"])
def test_lines_of_a_request_carry_its_id(tmp_path: Path, form: str) -> None:
    app = create_app(load({"MINGA_DATA_DIR": str(tmp_path)}))
    lines = []

    @app.get("/logs")
    def view() -> str:
        lines.append(log_format.formatter(form).format(record("hello")))
        return ""

    request_id = app.test_client().get("/logs").headers["X-Request-ID"]
    assert request_id in lines[0]


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    environ = {"MINGA_DATA_DIR": str(tmp_path), "MINGA_LOG_FORMAT": "xml"}
    failed = lti_tool("settings", environ=environ)
    assert failed.stderr.startswith("lti-tool: MINGA_LOG_FORMAT: give one of text, json")
