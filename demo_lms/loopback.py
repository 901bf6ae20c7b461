"""Restrict the platform to this machine: it has no passwords."""

import ipaddress


class NotLoopbackError(ValueError):
    """The host is not a loopback address."""


def is_loopback(host: str) -> bool:
    """Whether a host name or IP address is a loopback address (``*.localhost``: RFC 6761)."""
    try:
        return (
            host == "localhost"
            or host.endswith(".localhost")
            or ipaddress.ip_address(host.strip("[]")).is_loopback
        )
    except ValueError:
        return False


def require_loopback(host: str) -> str:
    """Return the host without brackets, or raise :class:`NotLoopbackError`."""
    if not is_loopback(host):
        raise NotLoopbackError(
            "The demo LMS is for trying out and has no passwords, so it listens on this machine "
            f"only: use 127.0.0.1 instead of {host or 'every address'}."
        )
    return host.strip("[]")
