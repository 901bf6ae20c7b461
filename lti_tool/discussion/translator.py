"""Client of a translation service with LibreTranslate's interface.

The operator names one service; each institution decides whether texts may be sent to it. Requests
are sent while a person waits, so they have a short time limit, and only a few at a time wait for a
slow service, so that it does not keep all threads of the server busy.

https://docs.libretranslate.com/api/operations/translate/
"""

import json
import logging
import threading
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from courseware.languages import normal
from lti_tool.lti.http_client import FetchError, HttpClient
from lti_tool.lti.urls import split
from lti_tool.settings import Settings

log = logging.getLogger(__name__)

TOTAL_SECONDS = 8.0
"""How long a translation may take, with all its requests."""
_MAX_WAITING = 2
_MAX_GROWTH = 10
"""How many times longer than the original a translation may be, besides short texts."""
_SHORT = 500


class TranslationError(Exception):
    """The service gave no usable translation."""


class Translator:
    """A translation service. One for each process; thread-safe."""

    def __init__(
        self, url: str, key: str | None, *, allow_private: bool, seconds: float = TOTAL_SECONDS
    ) -> None:
        self._url, self._key, self._seconds = url, key, seconds
        self._client = HttpClient(allow_private=allow_private)
        self._waiting = threading.BoundedSemaphore(_MAX_WAITING)
        parts = split(url)
        self.name = (parts.hostname if parts else None) or url

    def exchange(self, source: str | None, target: str) -> "Exchange":
        """Begin a translation from a language (None: the service detects it) to another."""
        return Exchange(self, source, target, time.monotonic() + self._seconds)

    def request(self, body: dict[str, Any], seconds: float) -> Any:
        """Send one request and return the JSON of the response. Raises TranslationError."""
        if self._key:
            body = {**body, "api_key": self._key}
        if not self._waiting.acquire(blocking=False):
            log.warning("translation: %s is slow, and others wait for it already", self.name)
            raise TranslationError
        try:
            response = self._client.request(
                "POST",
                f"{self._url}/translate",
                headers={"Content-Type": "application/json"},
                body=json.dumps(body).encode(),
                total_seconds=max(0.1, seconds),
            )
            if not response.ok:
                log.warning("translation: %s answered with status %s", self.name, response.status)
                raise TranslationError
            return response.json()
        except FetchError as error:
            log.warning("translation: %s", error)
            raise TranslationError from None
        finally:
            self._waiting.release()


class Exchange:
    """One translation, which may take several requests within one time limit.

    ``detected`` is the language that the service found, if it was asked to and said so.
    """

    def __init__(
        self, translator: Translator, source: str | None, target: str, ends: float
    ) -> None:
        self._translator, self._ends = translator, ends
        self._source, self._target = source, target
        self.detected: str | None = None

    def __call__(self, texts: Sequence[str]) -> list[str]:
        """Translate texts. Raises TranslationError."""
        body = {
            "q": list(texts),
            "source": service_code(self._source) if self._source else "auto",
            "target": service_code(self._target),
            "format": "text",
        }
        answer = self._translator.request(body, self._ends - time.monotonic())
        found = answer.get("translatedText") if isinstance(answer, dict) else None
        if not isinstance(found, list) or len(found) != len(texts):
            raise TranslationError
        for text, translated in zip(texts, found, strict=True):
            if not isinstance(translated, str) or not translated.strip():
                raise TranslationError
            if len(translated) > _SHORT + _MAX_GROWTH * len(text):
                raise TranslationError
        if self._source is None and self.detected is None:
            self.detected = _detected(answer.get("detectedLanguage"))
        return found


def translator_of(settings: Settings) -> Translator | None:
    """Return the operator's translation service; None if there is none."""
    if settings.translation_url is None:
        return None
    return _translator(
        settings.translation_url, settings.translation_key, settings.translation_private
    )


@lru_cache(maxsize=4)
def _translator(url: str, key: str | None, allow_private: bool) -> Translator:
    return Translator(url, key, allow_private=allow_private)


def service_code(tag: str) -> str:
    """Return the service's code of a language: without region, and with a script for Chinese."""
    language, *rest = tag.split("-")
    script = next((part for part in rest if len(part) == 4 and part.isalpha()), None)
    return f"{language}-{script}" if language == "zh" and script else language


def _detected(given: Any) -> str | None:
    """Return the language of the first text of which the service is sure."""
    for each in given if isinstance(given, list) else [given]:
        if isinstance(each, dict) and isinstance(each.get("language"), str):
            return normal(each["language"][:35])
    return None
