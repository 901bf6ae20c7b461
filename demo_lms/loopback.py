"""Keeps the platform to this machine: it has no passwords, so nobody else may reach it."""

import ipaddress


class NotLoopbackError(ValueError):
    """Asked to listen where other machines could reach it."""


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def require_loopback(host: str) -> str:
    """The host, without brackets, if only this machine can reach it."""
    if not is_loopback(host):
        raise NotLoopbackError(
            "The demo LMS is for trying out and has no passwords, so it listens on this machine "
            f"only: use 127.0.0.1 instead of {host or 'every address'}."
        )
    return host.strip("[]")
