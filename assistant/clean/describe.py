"""Finds what a text says about itself, where it has no front matter: title, publisher, dates and language."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.clean.blocks import Block, parse
from assistant.clean.dates import find_date, is_date_line, without_dates

_TITLE_BAR = re.compile(r" [|·•] | [–—] (?=[^\W\d_])")
_GENERIC_TITLE = re.compile(
    r"(?:about|home|introduction|overview|welcome|contents?|summary|background|general)\b.{0,30}", re.I
)
_SITE_NAME = re.compile(
    r"(?:\S{1,30} ){0,3}(?:news|daily|times|post|herald|gazette|press|today|online|agency|journal)"
    r"|.{2,12}[网报社]|.{2,16}中心",
    re.I,
)
_BYLINE_WORDS = re.compile(r"^(?:by|from|source|author|par|por|来源|作者)\b\s*[:：]?\s*", re.I)
_PUBLISHED = re.compile(r"\b(?:published|posted|updated|released|issued|press release|publié|publicado|发布)\b", re.I)
_EVENT_DATE = re.compile(r"(?:date|time|when)\b", re.I)
_CAPITAL_WORD = re.compile(r"[A-Z][a-z]{2,}\b")
_LOWER_WORD = re.compile(r"(?<![\w@./-])[a-z]{3,}(?![\w@]|[./-]\w)")  # not in an address
_WORD = re.compile(r"[^\W\d_]+")

# Short words that one of these languages has and the others hardly share.
_STOP_WORDS = {
    "en": "the of and to in is for that with are this by from as which",
    "fr": "le la les des du et est une dans pour qui sur au aux ce cette",
    "es": "el los las del y es una para por con que se su como",
    "it": "il gli della delle di che per con una nel sono dei alla",
    "pt": "o os as dos das do da em uma para com não que ao pela",
    "de": "der die das und ist den von mit für auf ein eine des nicht zu",
    "nl": "de het een van en is voor met op zijn dat niet aan door",
    "pl": "i w na się jest do nie że oraz dla przez jak od",
    "tr": "ve bir bu için ile olarak da de olan çok",
    "id": "dan yang di untuk dengan dari ini pada adalah sebagai",
}
_LANGUAGE_OF_WORD: dict[str, list[str]] = {}
for _language, _words in _STOP_WORDS.items():
    for _word in _words.split():
        _LANGUAGE_OF_WORD.setdefault(_word, []).append(_language)
_SCRIPTS = (
    ("ja", "\u3040", "\u30ff"),
    ("ko", "\uac00", "\ud7a3"),
    ("zh", "\u4e00", "\u9fff"),
    ("ru", "\u0400", "\u04ff"),
    ("ar", "\u0600", "\u06ff"),
    ("el", "\u0370", "\u03ff"),
    ("he", "\u0590", "\u05ff"),
    ("th", "\u0e00", "\u0e7f"),
    ("hi", "\u0900", "\u097f"),
)
_LONGEST_LINE = 120  # of a line that can be a byline or a date
_LAST_BLOCKS = 6
_LANGUAGE_SAMPLE = 20_000


@dataclass(frozen=True, slots=True)
class About:
    """What a text says about itself; empty where it says nothing."""

    title: str = ""
    publisher: str = ""
    published: str = ""
    as_of: str = ""
    language: str = "en"


def describe(text: str) -> About:
    """Return what cleaned text says about itself."""
    blocks = parse(text)
    lead = _lead(blocks)
    published = _published(lead, blocks)
    return About(
        title=_title(blocks, text),
        publisher=_publisher(lead),
        published=published,
        as_of="" if published else _event_date(blocks),
        language=guess_language(text),
    )


def guess_language(text: str) -> str:
    """Return the ISO 639-1 code that script and short words point to; `en` where they point nowhere."""
    sample = text[:_LANGUAGE_SAMPLE]
    letters = sum(char.isalpha() for char in sample)
    for language, first, last in _SCRIPTS:
        share = sum(first <= char <= last for char in sample) / (letters or 1)
        # A few Japanese syllables among Chinese characters make a text Japanese.
        if share > (0.05 if language == "ja" else 0.3):
            return language
    words = _WORD.findall(sample.lower())
    votes = Counter(language for word in words for language in _LANGUAGE_OF_WORD.get(word, ()))
    return max(votes, key=lambda language: (votes[language], language == "en"), default="en")


def main_name(text: str) -> str:
    """Return the one name that a text keeps coming back to, as `Beijing`; empty where there is no such one."""
    lower = set(_LOWER_WORD.findall(text))
    names = Counter(name for name in _CAPITAL_WORD.findall(text) if name.lower() not in lower)
    (first, count), *others = [*names.most_common(2), ("", 0)][:2]
    enough = count >= 5 and count * 2 >= 3 * (others[0][1] if others else 0)
    return first if enough else ""


def shorten_title(title: str) -> str:
    """Return a title without the site's name or the kind of page beside it: the longest part between bars."""
    return max(_TITLE_BAR.split(title), key=len).strip()


def _title(blocks: Sequence[Block], text: str) -> str:
    headings = [block for block in blocks if block.kind == "heading"]
    first = next((block for block in headings if block.mark == "#"), headings[0] if headings else None)
    title = shorten_title(first.text) if first else ""
    if title and not _GENERIC_TITLE.fullmatch(title):
        return title
    return ": ".join(part for part in (title, main_name(text)) if part)


def _lead(blocks: Sequence[Block]) -> list[str]:
    """Return the short lines between the title and the text itself."""
    lead: list[str] = []
    for block in blocks:
        if block.kind == "heading" and block.mark == "#" and not lead:
            continue
        if block.kind != "paragraph" or len(block.text) > _LONGEST_LINE:
            break
        lead.append(block.text)
    return lead


def _published(lead: Sequence[str], blocks: Sequence[Block]) -> str:
    """Return the date of a line above the text, of one that says `published`, or of a date line at the end."""
    for line in lead:
        if is_date_line(line) or (len(find_date(line)) == 10 and _is_byline(line)):
            return find_date(line)
    lines = [block.text for block in blocks if len(block.text) <= _LONGEST_LINE]
    for line in lines:
        if _PUBLISHED.search(line) and len(find_date(line)) == 10 and len(line.split()) <= 10:
            return find_date(line)
    ends = [block.text for block in blocks[-_LAST_BLOCKS:] if block.kind != "row"]
    return next((find_date(line) for line in reversed(ends) if is_date_line(line)), "")


def _is_byline(line: str) -> bool:
    return len(line.split()) <= 10 and not line.endswith((".", ":"))


def _publisher(lead: Sequence[str]) -> str:
    for line in lead:
        name = _BYLINE_WORDS.sub("", without_dates(line).strip(" |·•,-–—:"))
        dated = len(find_date(line)) == 10 and any(bar in line for bar in "|·•")
        if name and len(name.split()) <= 6 and (dated or _SITE_NAME.fullmatch(name)):
            return name
    return ""


def _event_date(blocks: Sequence[Block]) -> str:
    """Return the day in a line like `Date 17 September 2020`: an undated page speaks of the event that it announces."""
    lines = [block.text for block in blocks if len(block.text) <= _LONGEST_LINE and _EVENT_DATE.match(block.text)]
    return next((day for line in lines if len(day := find_date(line)) == 10), "")
