"""Names under which this platform shows its pages, where an LMS has others than its issuer.

Canvas: each institution has its own domain and its own deployment, and they share issuer, client ID
and endpoints. Open edX: the page with the course is another site, which frames the LMS. All names
end in ``.localhost``, which browsers resolve to this machine (RFC 6761 §6.3).
"""

from urllib.parse import urlsplit

from demo_lms.model import Flavour, Tool

SCHOOLS = {"norte": "School of the North", "sur": "School of the South"}
"""Canvas: the institutions by their names in URLs. The first has the tool's own deployment."""
LEARNING = "apps"
"""Open edX: the site of the course pages."""


def url_of(public_url: str, name: str) -> str:
    """Return the base URL of a site: ``http://127.0.0.1:9000`` → ``http://sur.localhost:9000``."""
    parts = urlsplit(public_url)
    return f"{parts.scheme}://{name}.localhost" + (f":{parts.port}" if parts.port else "")


def site_of(public_url: str, flavour: Flavour, host: str) -> str:
    """Return the base URL of the site whose ``Host`` header this is; empty for the platform's."""
    if flavour != "canvas":
        return ""
    return next(
        (url for name in SCHOOLS if urlsplit(url := url_of(public_url, name)).netloc == host), ""
    )


def deployment_of(tool: Tool, flavour: Flavour, host: str) -> str:
    """Return the deployment of the institution whose page is at this host."""
    name = host.partition(".")[0]
    if flavour != "canvas" or name not in list(SCHOOLS)[1:]:
        return tool.deployment_id
    return f"{tool.deployment_id}-{name}"
