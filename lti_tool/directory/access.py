"""The rules that close the tool: an inactive registration or deployment, and guests."""

from lti_tool.lti.refusal import Code, Refused

ACTIVE = "active"


def inactive(registration_status: str, deployment_status: str | None = ACTIVE) -> Code | None:
    """Why nobody may use the tool through this deployment; None if they may.

    ``deployment_status`` is None for a deployment that is not stored yet.
    """
    if registration_status != ACTIVE:
        return Code.INACTIVE_REGISTRATION
    if deployment_status not in (ACTIVE, None):
        return Code.INACTIVE_DEPLOYMENT
    return None


def check_active(
    registration_status: str, deployment_status: str | None = ACTIVE, **facts: str
) -> None:
    """Raise :class:`Refused` with these facts where :func:`inactive` gives a reason."""
    code = inactive(registration_status, deployment_status)
    if code is not None:
        raise Refused(code, **facts)


def allows_guests(policy: str) -> bool:
    """Whether a registration with this ``guests`` policy accepts anonymous launches."""
    return policy != "none"
