"""Private Atom feeds (RFC 4287): what a person may read of a discussion, newest first."""

import re

from lxml import etree
from sqlalchemy.orm import Session

from courseware.i18n import interface
from courseware.library import Library
from lti_tool.discussion.notices import NoticedPost, Place, news, title_of
from lti_tool.discussion.permalinks import PostReference, lasting_url
from lti_tool.notifications.letters import text_direction
from lti_tool.notifications.service import LinkedPerson
from lti_tool.settings import Settings

MOST_ENTRIES = 50
_ATOM = "http://www.w3.org/2005/Atom"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def atom(
    session: Session, settings: Settings, library: Library, linked: LinkedPerson, path: str
) -> bytes | None:
    """Return the feed; None where the person is no longer in the course."""
    place, person = linked.place, linked.person
    ui = interface(person.language)
    title = title_of(library, place, ui)
    if title is None or not place.active or not person.belongs:
        return None
    found = news(
        session, library, person.reader, place, ui, most=MOST_ENTRIES, own=True, newest=True
    )
    url = settings.public_url + path
    feed = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})
    feed.set(_XML_LANG, ui.lang)
    _add(feed, "id", url)
    _add(feed, "title", title)
    if place.course:
        _add(feed, "subtitle", place.course)
    _add(feed, "link", rel="self", href=url, type="application/atom+xml")
    posts = found.posts[::-1]
    updated = max((post.changed_at for post in posts), default=None)
    _add(feed, "updated", updated.isoformat() if updated else "1970-01-01T00:00:00+00:00")
    for post in posts:
        _entry(feed, settings, place, ui.gettext("Post by %(name)s", name=post.author), post)
    return etree.tostring(feed, xml_declaration=True, encoding="utf-8")


def _entry(
    feed: etree._Element, settings: Settings, place: Place, title: str, post: NoticedPost
) -> None:
    entry = _add(feed, "entry")
    reference = PostReference(place.discussion_id, post.id)
    url = lasting_url(settings.public_url, settings.secret_key, reference)
    if post.lang:
        entry.set(_XML_LANG, post.lang)
    _add(entry, "id", url)
    _add(entry, "title", title)
    _add(_add(entry, "author"), "name", post.author)
    _add(entry, "link", rel="alternate", href=url, type="text/html")
    _add(entry, "published", post.created_at.isoformat())
    _add(entry, "updated", post.changed_at.isoformat())
    direction = text_direction(post)
    html = f'<div dir="{direction}" style="direction:{direction}">{post.html}</div>'
    _add(entry, "content", html, type="html")


def _add(
    parent: etree._Element, name: str, text: str | None = None, **attributes: str
) -> etree._Element:
    element = etree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    element.text = None if text is None else _NOT_XML.sub("", text)
    return element
