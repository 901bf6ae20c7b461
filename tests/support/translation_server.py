"""A small HTTP server with LibreTranslate's interface, which can also misbehave."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[[dict[str, Any], BaseHTTPRequestHandler], Any]
"""Returns the JSON of the response, or sends a response itself and returns None."""


def upper_case(text: str) -> str:
    """A translation that leaves placeholders as they are."""
    return text.upper()


def well_behaved(body: dict[str, Any], _: Any = None) -> dict[str, Any]:
    """Translate each text by making it upper case."""
    answer: dict[str, Any] = {"translatedText": [upper_case(text) for text in body["q"]]}
    if body["source"] == "auto":
        answer["detectedLanguage"] = [{"language": "pt", "confidence": 90}] * len(body["q"])
    return answer


def changing(change: Callable[[str], str]) -> Behaviour:
    """A service that changes each of its translations."""

    def behave(body: dict[str, Any], _: Any) -> Any:
        return {"translatedText": [change(upper_case(text)) for text in body["q"]]}

    return behave


PLACEHOLDER = re.compile(r"\[X(\d+)X\]")


@dataclass
class TranslationServer:
    """``requests`` are the bodies that the server received."""

    url: str
    behaviour: Behaviour = well_behaved
    requests: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def translation_server() -> Iterator[TranslationServer]:
    """Serve on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = json.loads(self.rfile.read(length))
            server.requests.append({"path": self.path, **body})
            answer = server.behaviour(body, self)
            if answer is not None:
                self.reply(200, json.dumps(answer), "application/json")

        def reply(self, status: int, content: str, kind: str = "text/html") -> None:
            data = content.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server = TranslationServer(f"http://127.0.0.1:{http.server_port}")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
