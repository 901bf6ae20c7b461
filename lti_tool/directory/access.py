"""The rules that close the tool: an inactive registration or deployment, guests, and previews."""

from lti_tool.lti.refusal import Code, Refused

ACTIVE, PAUSED = "active", "paused"
"""Statuses of registrations and deployments. ``paused``: turned off by the institution itself."""


def inactive(
    registration_status: str,
    deployment_status: str | None = ACTIVE,
    *,
    administrator: bool = False,
) -> Code | None:
    """Why nobody may use the tool through this deployment; None if they may.

    ``deployment_status`` is None for a deployment that is not stored yet. An ``administrator`` may
    use what the institution has paused.
    """
    if registration_status not in (ACTIVE, PAUSED):
        return Code.INACTIVE_REGISTRATION
    if deployment_status not in (ACTIVE, PAUSED, None):
        return Code.INACTIVE_DEPLOYMENT
    if is_paused(registration_status, deployment_status) and not administrator:
        return Code.PAUSED
    return None


def is_paused(registration_status: str, deployment_status: str | None = ACTIVE) -> bool:
    """Whether an administrator of the institution has turned the tool off."""
    return PAUSED in (registration_status, deployment_status)


def check_active(
    registration_status: str,
    deployment_status: str | None = ACTIVE,
    *,
    administrator: bool = False,
    **facts: str,
) -> None:
    """Raise :class:`Refused` with these facts where :func:`inactive` gives a reason."""
    code = inactive(registration_status, deployment_status, administrator=administrator)
    if code is not None:
        raise Refused(code, **facts)


def refused_preview(*, is_test_user: bool, test_users: str, impersonation: str) -> Code | None:
    """Why a user whose work is not their own may not open activities; None if they may read.

    ``is_test_user``: the test user of a preview, otherwise somebody who acts as another person.
    Canvas says both of its Student View, which is a preview. The others are the registration's
    policies.
    """
    if is_test_user:
        return Code.TEST_USER_REFUSED if test_users == "none" else None
    return Code.IMPERSONATION_REFUSED if impersonation == "none" else None


def allows_guests(policy: str) -> bool:
    """Whether a registration with this ``guests`` policy accepts anonymous launches."""
    return policy != "none"
