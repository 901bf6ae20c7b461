"""Who may frame the tool: the sources for ``frame-ancestors``.

The issuer alone is not enough: an institution of a hosted LMS is framed from its own domain while
the issuer is the vendor's. The launch tells that domain in its return address.
"""

from lti_tool.lti.registration import Registration
from lti_tool.lti.urls import origin
from lti_tool.platforms.choice import profile_for


def frame_ancestors(
    registration: Registration,
    return_url: str | None,
    extra: tuple[str, ...] = (),
) -> tuple[str, ...]:
    """Origins, each once: of the LMS, of the launch's return address, and of an administrator.

    Before a launch (``return_url`` None) they include the vendor's domain for its institutions.
    """
    urls = (
        registration.issuer,
        registration.authorization_endpoint,
        return_url or "",
        *registration.frame_origins,
        *extra,
    )
    found = [origin(url) for url in urls]
    vendors = () if return_url else profile_for(registration).framed_from(registration)
    return tuple(dict.fromkeys([*(one for one in found if one), *vendors]))
