"""The sources of the ``frame-ancestors`` directive: which sites may show the tool in a frame.

The issuer alone is not enough: an institution of a hosted LMS is framed from its own domain while
the issuer is the vendor's. The launch has that domain in ``launch_presentation.return_url``.
https://www.w3.org/TR/CSP3/#directive-frame-ancestors
"""

from lti_tool.lti.registration import Registration
from lti_tool.lti.urls import origin


def frame_ancestors(
    registration: Registration,
    return_url: str | None,
    extra: tuple[str, ...] = (),
) -> tuple[str, ...]:
    """The origins of the LMS, of the launch's return URL, and those that an administrator added.

    Before a launch (``return_url`` None) they include the vendor's domain for its institutions.
    Anything that is not an http(s) URL is left out.
    """
    urls = (
        registration.issuer,
        registration.authorization_endpoint,
        return_url or "",
        *registration.frame_origins,
        *extra,
    )
    origins = [found for url in urls if (found := origin(url))]
    if not return_url:
        origins += registration.profile.vendor_frame_origins(registration.issuer)
    return tuple(dict.fromkeys(origins))
