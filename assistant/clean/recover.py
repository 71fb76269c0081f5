"""Recovers the structure that plain text has lost: title, headings, labels, lists, time lines, quotations."""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from assistant.clean.blocks import Block, decode_entities, normalise, render, tidy, without_comments
from assistant.clean.columns import part_columns
from assistant.clean.dates import find_date, is_date_line
from assistant.clean.listing import ends_as_label, with_items
from assistant.clean.mend import mend_words
from assistant.clean.unwrap import Paragraph, ends_sentence, unwrap

logger = logging.getLogger(__name__)

_STATED_HEADING = re.compile(r"(?:\A|\n[ ]*\n)[ ]{0,3}#{1,6}[ ]+\S[^\n]*(?:\n[ ]*\n|\n?\Z)")
_STRONG = re.compile(r"(\*\*|__)(?=[^\s*_])([^\n*_]{1,400})(?<=\S)\1")
_LINK = re.compile(r"!?\[([^\[\]\n]{0,400})\]\([^()\s]{1,2000}(?: \"[^\"\n]{0,200}\")?\)")
_BLOCK_TAG = re.compile(r"</?(?:br|div|h[1-6]|li|p|table|td|th|tr|ul|ol)\b[^<>\n]{0,300}>", re.I)
_INLINE_TAG = re.compile(r"</?(?:a|abbr|b|em|font|i|small|span|strong|sub|sup|u)\b[^<>\n]{0,300}>", re.I)

_ADDRESS = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+|(?:https?://|www\.)\S+"
    r"|\b(?:[\w-]{1,64}\.)+(?:com|org|net|int|edu|gov|eu)\b(?:/\S*)?",
    re.I,
)
_DATE_LABEL = re.compile(r"\b(?:since|date|when|year|depuis|desde)\b", re.I)
_FIELD = re.compile(r"([^\W\d_a-z][^\W\d_]+(?: [^\W\d_]+){0,2}) ?:+ ?(?=[^\s\d/:])")
_CREDIT = re.compile(
    r"(?<=[.!?”\"])\s(\((?:Translated|Edited|Photos?|Written|Report(?:ed|ing)|Compiled|Source|By|Credits?)\b[^()]{2,150}\))$"
)
_LINK_LABEL = re.compile(
    r"(?:download(?: link| here| pdf| the .{1,40})?|read (?:more|also)|click here.{0,40}"
    r"|share(?: this.{0,20}| on.{0,30})?|print(?: this page)?|back to (?:top|list|home)|skip to .{1,30}|previous|next"
    r"|sign up.{0,30}|subscribe.{0,30}|accept(?: all)?(?: cookies)?|[^.]{0,60}\bcookies?\b.{0,80}|all rights reserved"
    r"|(?:©|copyright ).{0,80})[:：.!]?",
    re.I,
)
_CAPTION = re.compile(
    r"(?:the )?(?:screenshot|photo|photograph)s? (?:of|by|from)(?: [\w'’-]+){1,4}\.?"
    r"|(?:[\w'’-]+ ){1,3}(?:cover|screenshot|thumbnail|banner)",
    re.I,
)
_GENERIC_TITLE = re.compile(
    r"(?:about|home|introduction|overview|news|welcome|contents?|menu|summary|background|general)\b.{0,30}", re.I
)
_SITE_NAME = re.compile(
    r"(?:\S{1,30} ){0,3}(?:news|daily|times|post|herald|gazette|press|today|online|agency|journal)"
    r"|.{2,12}[网报社]|\S+\.(?:com|org|net|int|cn)",
    re.I,
)
_JOINING_END = re.compile(r"\b(?:a|an|and|as|at|by|for|from|in|into|of|on|or|that|the|their|to|with)$", re.I)

_MOVED = "moved"  # the mark of a line that stands above the text but is no heading of it
_LONGEST_NOISE = 120
_LONGEST_HEADING = 110
_MOST_HEADING_WORDS = 16
_LONGEST_TITLE = 200
_MOST_LEAD_LINES = 12
_FEW_LEAD_LINES = 4  # more lines than these above the text are a menu, not a title with its byline
_SHORT_WORDS = 8


def clean_plain(text: str) -> str:
    """Return plain text as light Markdown; a text that states its headings with `#` only gets its final form.

    `clean_plain(clean_plain(text)) == clean_plain(text)`.
    """
    for _ in range(8):
        again = tidy(_without_markup(text))
        again = normalise(again) if _STATED_HEADING.search(again) else recover(again)
        if again == text:
            break
        text = again
    return text


def recover(text: str) -> str:
    """Return tidy text as light Markdown with the structure that its lines show.

    Where headings are marked with `#` already, no other short line becomes one, but for a label with its colon.
    """
    paragraphs = _without_noise(unwrap(part_columns(text.split("\n"))))
    paragraphs = list(_with_quotations(_split(paragraphs)))
    roomy = _is_roomy(paragraphs)
    if any(paragraph.kind == "heading" for paragraph in paragraphs):
        paragraphs = with_items(paragraphs, roomy=roomy)
    else:
        paragraphs = _with_headings(with_items(_with_title(paragraphs), roomy=roomy), roomy=roomy)
    paragraphs = list(_with_contacts(_with_labels(_without_echoes(paragraphs))))
    mended, changes = mend_words(render(map(_block, paragraphs)))
    for token, reading in changes.items():
        logger.info("Read %r as %r", token, reading)
    return normalise(mended)


def _without_markup(text: str) -> str:
    """Return text without comments, tags, links and strong marks that were left in it."""
    if "&" in text:
        text = decode_entities(text)
    if "<" in text:
        text = _INLINE_TAG.sub("", _BLOCK_TAG.sub("\n", without_comments(text)))
    return _STRONG.sub(r"\2", _LINK.sub(r"\1", text))


def _without_noise(paragraphs: Iterable[Paragraph]) -> list[Paragraph]:
    """Return the paragraphs without captions, link labels and lines that only repeat the one above."""
    kept: list[Paragraph] = []
    gap = 0
    for paragraph in paragraphs:
        repeats = bool(kept) and paragraph.kind == "text" and kept[-1].text.casefold() == paragraph.text.casefold()
        if repeats or (paragraph.kind in ("text", "item") and is_noise(paragraph.text)):
            gap = max(gap, paragraph.gap)
        else:
            kept.append(replace(paragraph, gap=max(gap, paragraph.gap)))
            gap = 0
    return kept


def is_noise(text: str) -> bool:
    """Say whether a line is a caption, or the label of a link: `Download`, `Share this page`."""
    return len(text) <= _LONGEST_NOISE and bool(_LINK_LABEL.fullmatch(text) or _CAPTION.fullmatch(text))


def _split(paragraphs: Iterable[Paragraph]) -> Iterator[Paragraph]:
    """Yield the paragraphs, with a credit at the end of one apart, and a list with strokes as its items."""
    for paragraph in paragraphs:
        if paragraph.kind != "text":
            yield paragraph
            continue
        text = _FIELD.sub(r"\1: ", paragraph.text, count=1) if _FIELD.match(paragraph.text) else paragraph.text
        fields = _between_strokes(text)
        if fields:
            yield from (Paragraph(field, "item", "-", gap=not number) for number, field in enumerate(fields))
        elif credit := _CREDIT.search(text[-200:]):
            start = len(text) - len(text[-200:]) + credit.start()
            yield replace(paragraph, text=text[:start])
            yield Paragraph(credit.group(1), gap=1)
        else:
            yield paragraph if text == paragraph.text else replace(paragraph, text=text)


def _between_strokes(text: str) -> list[str]:
    """Return the short texts of a line like `Film / Music / Design`, without the empty places between two strokes."""
    if text.count(" / ") + text.startswith("/ ") < 3 or len(text) > 400:
        return []
    fields = [field.strip() for field in f"{text} ".split("/ ")]
    fields = [field for field in fields if field]
    return fields if all(len(field.split()) <= 4 for field in fields) else []


def _with_quotations(paragraphs: Iterable[Paragraph]) -> Iterator[Paragraph]:
    """Yield the paragraphs, a quotation with its speaker below as one statement: who says it, then the words."""
    waiting = list(paragraphs)
    place = 0
    while place < len(waiting):
        quote = waiting[place]
        speaker = waiting[place + 1 : place + 3] if quote.kind == "text" and quote.text[0] in '“"«' else []
        place += 1
        if not speaker or not _names_speaker(speaker[0]):
            yield quote
            continue
        names = list(speaker[0].lines)
        place += 1
        if len(speaker) > 1 and _goes_with_speaker(speaker[1]):
            names.append(speaker[1].text)
            place += 1
        words = quote.text if quote.text[-1] in '”"»' else f"{quote.text}”"
        yield replace(quote, text=f"{', '.join(name.rstrip(',') for name in names)}: {words}")


def _names_speaker(paragraph: Paragraph) -> bool:
    """Say whether a paragraph is a dash and a name."""
    return paragraph.mark in ("-", "–", "—") and paragraph.text[0].isupper() and len(paragraph.text) <= 100


def _goes_with_speaker(paragraph: Paragraph) -> bool:
    below = paragraph.kind == "text" and not paragraph.gap
    return below and len(paragraph.text) <= 60 and not ends_sentence(paragraph.text)


def _is_roomy(paragraphs: Sequence[Paragraph]) -> bool:
    """Say whether paragraphs are parted by empty lines, so that a heading has empty lines around it."""
    gaps = [paragraph.gap > 0 for paragraph in paragraphs[1:] if paragraph.kind == "text"]
    return sum(gaps) * 2 >= len(gaps)


def _with_title(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """Return the paragraphs with the title in front, marked; a site's name, a byline and a date move below it."""
    lead: list[Paragraph] = []
    for paragraph in paragraphs[:_MOST_LEAD_LINES]:
        if not _may_lead(paragraph):
            break
        lead.append(paragraph)
    titles = [paragraph for paragraph in lead if _may_be_title(paragraph.text)]
    named = [paragraph for paragraph in titles if not _GENERIC_TITLE.fullmatch(paragraph.text)]
    if not titles or len(lead) == len(paragraphs):
        return list(paragraphs)
    best = named or titles
    title = best[0] if len(lead) <= _FEW_LEAD_LINES else max(best, key=lambda paragraph: len(paragraph.text.split()))
    place = lead.index(title)
    # Below the title a general word may still head the text; a site's name, a byline or a date may not.
    above = [line if line in titles and line not in named else replace(line, mark=_MOVED) for line in lead[:place]]
    below = [line if line in titles else replace(line, mark=_MOVED) for line in lead[place + 1 :]]
    return [replace(title, kind="heading", mark="#"), *above, *below, *paragraphs[len(lead) :]]


def _may_lead(paragraph: Paragraph) -> bool:
    """Say whether a paragraph can stand above the text itself: a title, a byline, a date, an entry of a menu."""
    text = paragraph.text
    if paragraph.kind not in ("text", "entry") or len(text) > _LONGEST_TITLE or ends_as_label(text):
        return False
    return not ends_sentence(text) or text[-1] in "?？"


def _may_be_title(text: str) -> bool:
    return (
        not text[0].islower()
        and any(char.isalpha() for char in text)
        and find_date(text[-40:]).count("-") < 2
        and not _SITE_NAME.fullmatch(text)
        and not _ADDRESS.search(text)
    )


def _with_headings(paragraphs: Sequence[Paragraph], *, roomy: bool) -> list[Paragraph]:
    """Return the paragraphs with each short line that stands alone above a text as its heading."""
    may = [_may_head(paragraphs, number, roomy=roomy) for number in range(len(paragraphs))]
    headed: list[Paragraph] = []
    for number, paragraph in enumerate(paragraphs):
        # A heading may stand above another; more short lines in a row are a menu or a list.
        below = number + 1
        if may[number] and below < len(may) and may[below] and not (number and may[number - 1]):
            below += 1
        heads = may[number] and below < len(paragraphs) and _is_body(paragraphs[below])
        headed.append(replace(paragraph, kind="heading", mark="##") if heads else paragraph)
    return headed


def _may_head(paragraphs: Sequence[Paragraph], number: int, *, roomy: bool) -> bool:
    paragraph = paragraphs[number]
    if paragraph.kind not in ("text", "entry") or paragraph.mark:
        return False
    if roomy and not (_stands_apart(paragraphs, number) and _stands_apart(paragraphs, number + 1)):
        return False
    text = paragraph.text
    return (
        2 < len(text) <= _LONGEST_HEADING
        and len(text.split()) <= _MOST_HEADING_WORDS
        and not text[0].islower()
        and text[0] not in '(“"«['
        and (text[-1].isalnum() or text[-1] in '?？)”’"')
        and (text[-1] in "?？" or not ends_sentence(text))
        and sum(char.isalpha() for char in text) * 2 > len(text)
        and not is_date_line(text)
        and not _ADDRESS.search(text)
        and not _JOINING_END.search(text)
    )


def _stands_apart(paragraphs: Sequence[Paragraph], number: int) -> bool:
    """Say whether there is a break above a paragraph: an empty line, or the change to or from a list."""
    if not 0 < number < len(paragraphs):
        return True
    return paragraphs[number].gap > 0 or paragraphs[number - 1].kind != "text"


def _is_body(paragraph: Paragraph) -> bool:
    if paragraph.kind in ("item", "row"):
        return True
    text = paragraph.text
    return paragraph.kind == "text" and (ends_sentence(text) or len(text) > _LONGEST_HEADING or text[-1] in ":：")


def _without_echoes(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """Return the paragraphs without short lines at the end that stood above already, as the labels of a picture do."""
    kept = list(paragraphs)
    while kept and kept[-1].kind == "text" and len(kept[-1].text.split()) <= _SHORT_WORDS:
        text = kept[-1].text.casefold()
        if ends_sentence(text) or not any(paragraph.text.casefold() == text for paragraph in kept[:-1]):
            break
        kept.pop()
    return kept


def _with_labels(paragraphs: Sequence[Paragraph]) -> Iterator[Paragraph]:
    """Yield the paragraphs, with a label alone on its line as a heading; one that has nothing below it is left out."""
    for number, paragraph in enumerate(paragraphs):
        if paragraph.kind != "text" or not ends_as_label(paragraph.text):
            yield paragraph
            continue
        below = paragraphs[number + 1] if number + 1 < len(paragraphs) else None
        label = paragraph.text.rstrip(" :：")
        if below is None or below.kind == "heading" or (below.kind == "text" and ends_as_label(below.text)):
            continue
        if below.kind == "item" and len(label.split()) > 3:
            yield paragraph
        elif _DATE_LABEL.search(label) and "@" in below.text and not find_date(below.text):
            yield replace(paragraph, text="Contact", kind="heading", mark="##")
        else:
            yield replace(paragraph, text=label, kind="heading", mark="##")


def _with_contacts(paragraphs: Iterable[Paragraph]) -> Iterator[Paragraph]:
    """Yield the paragraphs, with a heading above one that holds addresses and nothing else."""
    above = ""
    for paragraph in paragraphs:
        if paragraph.kind == "text" and above != "heading" and _is_address(paragraph.text):
            yield Paragraph("Contact", "heading", "##", 1)
        above = paragraph.kind
        yield paragraph


def _is_address(text: str) -> bool:
    return (
        len(text) <= _LONGEST_NOISE
        and bool(_ADDRESS.search(text))
        and not any(char.isalnum() for char in _ADDRESS.sub("", text))
    )


def _block(paragraph: Paragraph) -> Block:
    if paragraph.kind == "heading":
        return Block("heading", paragraph.text, paragraph.mark)
    if paragraph.kind == "item":
        return Block("item", paragraph.text, paragraph.mark if paragraph.mark[:-1].isdigit() else "-")
    if paragraph.kind == "row":
        return Block("row", paragraph.text, "first" if paragraph.gap else "")
    noted = paragraph.text.lstrip("*")  # the star of a note
    return Block("paragraph", noted if noted[:1].isalnum() else paragraph.text)
