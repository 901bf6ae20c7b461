"""Serve the tool with gunicorn. Threads: a slow platform holds one of them, not a process."""

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from lti_tool.settings import Settings


class _Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn, set up from here and from nowhere else."""

    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self._settings = settings
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            if name in self.cfg.settings:  # an older gunicorn knows fewer
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """Made in each worker process, after the fork: connections are not shared."""
        from lti_tool.app import create_app

        return create_app(self._settings)


def run(settings: Settings, *, bind: str, workers: int, threads: int) -> None:
    """Serve until told to stop."""
    _Server(
        settings,
        {
            "bind": bind,
            "workers": workers,
            "worker_class": "gthread",
            "threads": threads,
            "timeout": 60,
            "graceful_timeout": 20,
            "keepalive": 5,
            "limit_request_line": 8190,
            "limit_request_fields": 60,
            "limit_request_field_size": 16_380,
            "forwarded_allow_ips": "*" if settings.trusted_proxies else "127.0.0.1",
            "accesslog": None,
            # One address for all tools of an account, in the home folder; nothing here uses it.
            "control_socket_disable": True,
            "loglevel": settings.log_level.lower(),
            "proc_name": "minga",
        },
    ).run()
