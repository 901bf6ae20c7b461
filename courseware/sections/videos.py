"""Sections of videos: local files with captions, or videos of YouTube, Vimeo and PeerTube."""

import posixpath
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from markupsafe import Markup

from courseware.languages import choose, direction, endonym, normal
from courseware.module import Item, Text
from courseware.page_view import PageItem, View
from courseware.parser.context import ParserContext
from courseware.parser.folder import MANIFEST, read_text
from courseware.parser.manifest_fields import MediaPath, check_file_or_url, media_path
from courseware.parser.media import Use
from courseware.parser.remote_videos import EXAMPLES, RemoteVideo, recognize, why_not
from courseware.parser.report import listed, shown
from courseware.parser.section_file import text_without_title
from courseware.parser.toml_table import Table
from courseware.parser.url_advice import url_advice
from courseware.sections.kind import Declaration, ItemText, SectionKind

_TRANSCRIPT_HEADINGS = 4


@dataclass(frozen=True, slots=True)
class Video(Item):
    """A video: a local ``file`` or a ``remote`` one, never both. ``seconds`` is its duration."""

    file: str | None
    remote: RemoteVideo | None
    poster: str | None
    seconds: int | None
    captions: Mapping[str, str]
    transcripts: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Track:
    """The captions of a video in one language."""

    lang: str
    name: str
    src: str
    default: bool


@dataclass(frozen=True, slots=True)
class PageVideo(PageItem):
    """A video on a page: ``src`` of a local file, ``embed`` and ``watch`` of a remote video.

    ``provider`` is ``local``, ``youtube``, ``vimeo`` or ``peertube``; ``size`` is in bytes.
    """

    provider: str
    provider_name: str
    src: str | None
    media_type: str | None
    poster: str | None
    size: int | None
    seconds: int | None
    tracks: tuple[Track, ...]
    transcript: Markup | None
    transcript_lang: str
    transcript_dir: str
    embed: str | None
    watch: str | None

    @property
    def access_modes(self) -> tuple[str, ...]:
        """Return the sense that a video needs besides sight."""
        return ("auditory",)

    @property
    def access_features(self) -> tuple[str, ...]:
        """Return ``captions`` and ``transcript``, as far as the video has them."""
        features = {"captions": self.tracks, "transcript": self.transcript}
        return tuple(name for name, present in features.items() if present)


@dataclass(frozen=True, slots=True)
class VideoDeclaration(Declaration):
    """A video as it is declared in ``module.toml``."""

    file: MediaPath | None
    remote: RemoteVideo | None
    poster: MediaPath | None
    seconds: int | None


class VideosSection(SectionKind):
    """Videos with their captions and transcripts."""

    name = "videos"
    item_name = "video"
    declares_items = True
    declaration_example = 'file = "media/…" or address = "https://…"'
    item_texts = (ItemText("transcript", "transcripts", "Transcript of a video. Markdown."),)
    anchor_prefix = "v-"
    text_note = "Introduces the videos. Markdown."

    def declaration(self, table: Table) -> VideoDeclaration:
        """Parse ``[videos.<id>]``: ``file`` or ``address``, ``poster`` and ``seconds``."""
        file = media_path(table, "file", "media/video.mp4")
        url = table.text("address", "https://www.youtube.com/watch?v=…")
        remote = recognize(url) if url else None
        if url and remote is None:
            table.error(
                "address",
                f'The address "{shown(url)}" {why_not(url)}.',
                url_advice(url)
                or f"Use {EXAMPLES}, beginning with https; or put the file into media/.",
            )
        if remote and remote.ignored:
            table.report.warning(
                table.file,
                table.line("address"),
                f'"{shown(remote.ignored)}" in the address of the video is not used.',
                "A video can start at a time, such as t=90 or t=1m30s, and it plays to its end.",
            )
        check_file_or_url(table)
        poster = media_path(table, "poster", "media/video.jpg")
        seconds = table.whole("seconds", 150, least=1)
        return VideoDeclaration(table.line(), file, remote, poster, seconds)

    def item(
        self,
        item_id: str,
        titles: Mapping[str, str],
        texts: Mapping[str, Text],
        declaration: Declaration | None,
        context: ParserContext,
    ) -> Video:
        """Return a video; report a missing poster and missing captions and transcripts."""
        declared = cast(VideoDeclaration, declaration)
        media = context.media
        if declared.file:
            media.use(Use(declared.file.path, MANIFEST, declared.file.line, "video"))
        if declared.poster:
            media.use(Use(declared.poster.path, MANIFEST, declared.poster.line, "picture"))
        else:
            context.report.warning(
                MANIFEST,
                declared.line,
                f'The video "{item_id}" has no picture to show before it plays.',
                f'Put one into media/ and add a line: poster = "media/{item_id}.jpg"',
            )
        captions = _captions(item_id, declared, context)
        transcripts = _transcripts(item_id, context)
        _check_alternatives(item_id, declared, captions, transcripts, context)
        return Video(
            item_id,
            titles,
            texts,
            declared.file.path if declared.file else None,
            declared.remote,
            declared.poster.path if declared.poster else None,
            declared.seconds,
            captions,
            transcripts,
        )

    def page_item(self, item: Item, view: View, number: int) -> PageVideo:
        """Return the video with its URLs, captions and transcript."""
        video = cast(Video, item)
        file = view.module.file(video.file) if video.file else None
        transcript = view.of(video.transcripts)
        transcript_lang = transcript.language if transcript else view.lang_of(video.titles)
        remote = video.remote
        return PageVideo(
            **view.common(video, number),
            provider=remote.provider if remote else "local",
            provider_name=remote.name if remote else "",
            src=view.media(video.file) if video.file else None,
            media_type=file.media_type if file else None,
            poster=view.media(video.poster) if video.poster else None,
            size=file.size if file else None,
            seconds=video.seconds,
            tracks=_tracks(video, view),
            transcript=view.html(transcript, _TRANSCRIPT_HEADINGS) if transcript else None,
            transcript_lang=transcript_lang,
            transcript_dir=direction(transcript_lang),
            embed=remote.embed if remote else None,
            watch=remote.watch if remote else None,
        )

    def untranslated_files(self, item: Item, source: str, language: str) -> list[str]:
        """Return the captions that are missing in ``language``."""
        video = cast(Video, item)
        if video.file is None or source not in video.captions or language in video.captions:
            return []
        return [re.sub(r"\.[^.]+$", f".{language}.vtt", video.file)]


def _tracks(video: Video, view: View) -> tuple[Track, ...]:
    default = choose([view.lang], tuple(video.captions), view.module.source_language)
    return tuple(
        Track(tag, endonym(tag), view.media(path), tag == default)
        for tag, path in video.captions.items()
    )


def _captions(item_id: str, declared: VideoDeclaration, context: ParserContext) -> dict[str, str]:
    """Return the caption files by language: ``<video file or id>.<language>.vtt``."""
    if declared.file is None:
        return {}
    found: dict[str, str] = {}
    file = declared.file.path
    stems = [posixpath.splitext(file)[0], f"{posixpath.dirname(file)}/{item_id}"]
    for stem in dict.fromkeys(stems):
        for path in context.folder.files:
            # The name of a file can have its accents composed otherwise than module.toml.
            name = unicodedata.normalize("NFC", path)
            start = unicodedata.normalize("NFC", f"{stem}.")
            if not (name.startswith(start) and name.endswith(".vtt")):
                continue
            tag = name[len(start) : -len(".vtt")]
            language = normal(tag)
            if language is None:
                context.report.warning(
                    path,
                    None,
                    f'"{shown(tag)}" is not the tag of a language.',
                    f"Name the captions {posixpath.basename(stem)}.{context.source}.vtt, say.",
                )
            elif language not in found:
                context.media.use(Use(path, path, None, "captions"))
                found[language] = path
    order = {language: position for position, language in enumerate(context.languages)}
    return dict(sorted(found.items(), key=lambda pair: (order.get(pair[0], len(order)), pair[0])))


def _transcripts(item_id: str, context: ParserContext) -> dict[str, Text]:
    found = {}
    for language in context.languages:
        path = f"{language}/{item_id}.transcript.md"
        markdown = (
            read_text(context.folder, path, context.report)
            if path in context.folder.files
            else None
        )
        if markdown is None:
            continue
        transcript = text_without_title(markdown, file=path, language=language)
        if transcript.markdown:
            found[language] = transcript
        else:
            context.report.warning(
                path, None, "The transcript is empty.", "Write what is said and shown."
            )
    return found


def _check_alternatives(
    item_id: str,
    declared: VideoDeclaration,
    captions: Mapping[str, str],
    transcripts: Mapping[str, Text],
    context: ParserContext,
) -> None:
    """Report the languages without captions or transcript, for people who cannot hear or see."""
    source = context.source
    stem = posixpath.splitext(declared.file.path)[0] if declared.file else None
    ways = f"{source}/{item_id}.transcript.md" + (f" or {stem}.{source}.vtt" if stem else "")
    if stem and source not in captions and source not in transcripts:
        context.report.error(
            MANIFEST,
            declared.line,
            f'The video "{item_id}" has neither captions nor a transcript in {source}.',
            f"Write what is said and shown into {ways}.",
        )
        return
    # A language without a folder is reported once for the whole module.
    begun = [language for language in context.languages if language in context.folder.folders]
    kinds: list[tuple[str, Mapping[str, object], str]] = [
        ("transcript", transcripts, f"{{}}/{item_id}.transcript.md")
    ]
    if stem:
        kinds.append(("captions", captions, f"{stem}.{{}}.vtt"))
    for word, present, path in kinds:
        missing = [language for language in begun if language not in present]
        if missing:
            context.report.warning(
                MANIFEST,
                declared.line,
                f'The video "{item_id}" has no {word} in {listed(missing)}.',
                f"Write {path.format(missing[0])}" + (" and so on." if len(missing) > 1 else "."),
            )
