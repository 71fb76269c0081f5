"""The words, figures and dates of a sentence, brought to one form, so that two wordings can be compared."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from assistant.terms import stem
from assistant.values import MONTHS, DateValue, dates, emails, numbers, urls
from assistant.vocabulary import WORD, fields_in

BOUNDARY = 3  # what a comma or an "and" between two words counts for, in words

_FUNCTION = set(
    """a about above across after all along also always am among an and any are as at be became become becomes because
    been before being below beneath between both but by came come comes could did do does doing done down during each
    either else every few for from further had has have having he her here hers him his how if in inside into is it its
    itself just less many may me might more most much must my near neither no nobody none nor not nothing now of off on
    once one's only onto or our out over own per shall she should since so some such than that the their them then there
    these they this those though through throughout thus till to too toward towards under until up upon us very via was
    we well were what when where whether which while who whom whose why will with within without would yet you your
    moreover furthermore additionally accordingly namely e.g i.e""".split()
)
# Words of one meaning here, each group by its first. A group holds only what may always stand for each other.
_SAME = """
join joined joins joining enter entered entering admitted admission designated designation designates
close closes closed closing deadline
open opens opened opening
found founded founding create created creation establish established establishment launched-network
bid bids application applications candidature candidatures candidacy candidacies
applicant applicants candidate candidates
send sends sent sending submit submits submitted submission hand handed
network uccn
host hosts hosted hosting organise organised organises organize organized
large big
city cities
country countries nation nations state-party
organisation organisations organization organizations
year years yearly annual annually
percent percentage
aim aims goal goals objective objectives
choose chooses chose chosen select selects selected selection
help helps helped support supports supported
show shows showed shown demonstrate demonstrates demonstrated
receive receives received get gets got
meeting meetings
inhabitant inhabitants resident residents
contain contains contained include includes included including comprise comprises
fee fees charge charges
film cinema
start starts started begin begins began begun
keep keeps kept
judge judges judged evaluate evaluates evaluated evaluation assess assessed assessment
put-forward propose-bid nominate nominated nominates
build builds built construct constructed
twice two-times
letter letters
mail e-mail email
money funds funding
report reports reporting
"""
# What a sentence is made firmer or weaker with, turned, limited or attributed by: each must agree on both sides.
_MARKS: Mapping[str, str] = {
    "not": r"no longer|not yet|no more|not|no|never|none|nobody|nothing|neither|nor|without|cannot|\w+n['’]t|lacks?"
    r"|lacking|fail(?:s|ed)? to"
    r"|refus\w+|reject\w*|den(?:y|ies|ied)|unable|impossible|hardly|barely",
    "may": r"may|might|can|could|able to|allowed|permitted|possible|possibly|entitled|eligible|optional(?:ly)?|perhaps"
    r"|free to|voluntar\w+",
    "must": r"must|has to|have to|had to|require[sd]?|required|requirements?|obliged|obligat\w+|mandatory|compulsory"
    r"|needs?|needed|shall|necessary|is due to",
    "should": r"should|ought|recommend\w*|advis\w+|encourag\w+|suggest\w*|expected|supposed|urged?",
    "will": r"will|would|going to|planned|plan(?:s|ning)? to|intend\w*|hopes?|hoped|wants?|wanted|wish\w*|aspir\w+"
    r"|set to|propose[sd]? to|promis\w+|pledg\w+",
    "if": r"if|unless|whether|provided|in case|otherwise|depend\w*|when(?:ever)?",
    "says": r"sa(?:y|ys|id|ying)|according to|claim\w*|stat(?:ed|ing)|states that|reported(?:ly)?|alleg\w+"
    r"|calls it|called"
    r"|think\w*|thought|believ\w+|argu\w+|estimat\w+|rumou?r\w*|quot\w+|by our count|by our table|by the|told|tells?"
    r"|believed|assum\w+|pretend\w*|seem\w*|appear\w*|announc\w+|in the (?:view|opinion|words) of|wrote|writes?",
    "about": r"about|around|some|approximately|roughly|nearly|almost|circa|ca|close to|estimated",
    "only": r"only|solely|exclusively|merely|just|alone|at all",
    "all": r"all|every|each|entire|whole|always|any|anyone|everyone|both",
    "part": r"many|several|few|half|part of|partly|various|among|one of|sometimes|often|usually|mostly|certain"
    r"|a number of",
    "or": r"or|either",
    "except": r"except\w*|apart from|besides|other than|instead|rather than|but not|exclud\w+",
    "more": r"more|greater|higher|larger|better",
    "less": r"less|fewer|lower|smaller|worse",
    "most": r"most|best|largest|biggest|greatest|highest|main|leading|top",
    "least": r"least|smallest|lowest|fewest|worst",
    "former": r"former|formerly|previous(?:ly)?|earlier|used to|ex|old|original(?:ly)?|at first",
    "still": r"still|yet|already|now|current(?:ly)?|today|at present|so far",
    "new": r"new|newly|further|additional|another|other|others|again|second-time",
    "because": r"because|since then|therefore|thus|due to|thanks to|so that|in order",
    "national": r"national(?:ly)?|municipal|regional|local|preliminary|provisional",
    "before": r"before|prior to|ahead of|earlier than|until|till",
    "after": r"after|later than|afterwards|thereafter",
    "though": r"although|though|despite|however",
}
MARK = {name: re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE) for name, words in _MARKS.items()}
# In front of a figure or behind it: what kind of limit it is.
_LIMITS: Mapping[str, str] = {
    "at least": r"at least|no (?:fewer|less) than|not (?:fewer|less) than|a minimum of|minimum|from",
    "at most": r"at most|no more than|not more than|up to|a maximum of|maximum",
    "more than": r"more than|over|above|exceed\w*",
    "less than": r"less than|fewer than|under|below",
    "about": r"about|around|some|approximately|roughly|nearly|almost|circa|ca",
    "only": r"only|just",
    "by": r"by|until|till|up to|no later than|not later than",
    "national": r"national(?:ly)?|municipal|regional|local|preliminary|provisional",
    "before": r"before|prior to|ahead of",
    "after": r"after|following|later than",
    "since": r"since|from|as of",
    "between": r"between",
}
_LIMIT = re.compile(
    r"(?<!\w)(?:" + "|".join(f"(?P<{name.replace(' ', '_')}>{words})" for name, words in _LIMITS.items()) + r")\s+"
    r"(?:(?:the|a|an|its|midnight|noon|on|of|end|about|beginning)\s+){0,3}$",
    re.IGNORECASE,
)
_LIMIT_BEHIND = re.compile(
    r"^\s*(?:[\w-]+\s+){0,2}?(?:or (?P<at_least>more)|or (?P<at_most>less|fewer)|at (?P<at>least|most))\b"
)
_CALL = r"(?P<call>the (?:20\d\d )?call(?: for applications)?(?: of the Network)?)"
# Forms of one thing, brought to one of them before anything is compared.
_FORMS = (
    (re.compile(r"\*\*|[_`“”\"]"), ""),
    (re.compile(r"\[\d+\]"), " "),
    (re.compile(r"US\$|\$"), " dollars "),
    (re.compile(r"€"), " euros "),
    (re.compile(r"£"), " pounds "),
    (re.compile(r"\s?%|\bper cent\b"), " percent"),
    (re.compile(r"\bUNESCO Creative Cities Network(?: \(UCCN\))?|\bCreative Cities Network|\bUCCN"), "Network"),
    (re.compile(r"\bUNESCO Creative (?=Cit(?:y|ies)\b)"), "Creative "),
    (re.compile(r"\b(?:has|have) been (?:a )?(?:members? (?:city )?(?:of the Network )?)?since\b", re.I), "joined in"),
    (re.compile(r"\b(?:became|was made) a (?:member (?:city )?of the Network|(?=Creative City))\b", re.I), "joined "),
    (re.compile(r"\b(?:is|are) (?:a )?members? (?:of the Network )?since\b", re.I), "joined in"),
    (re.compile(r",? a member(?: city)?(?: of the Network)? since\b", re.I), " joined in"),
    (re.compile(r"\bjoined (?:the )?Network\b", re.I), "joined"),
    (re.compile(r"\bclosing (?:date|day)\b", re.I), "deadline"),
    (re.compile(rf"\b(?:the )?deadline (?:of|for) {_CALL} (?:was|is)\b", re.I), r"\g<call> closed on"),
    (re.compile(rf"\b(?:the )?opening (?:date|day) of {_CALL} (?:was|is)\b", re.I), r"\g<call> opened on"),
    (re.compile(r"\btwice\b", re.I), "two times"),
    (re.compile(r"\bfour-yearly\b", re.I), "every four years"),
    (re.compile(r"\b(?:took|takes|take) place\b|\b(?:was|were|is|are) held\b", re.I), "held"),
    (re.compile(r"\bset up\b", re.I), "founded"),
    (re.compile(r"\bput(?:s)? forward\b", re.I), "nominate"),
)
# Who is behind a statement that is not our own: "by the local press", "by UNESCO's page of 2016".
SOURCE = re.compile(
    r"\b(?:by|in) (?:[\w'’-]+ ){0,7}?(?:press|reports?|accounts?|pages?|guidelines?|commission|ministry|blog|copy"
    r"|texts?|count"
    r"|arithmetic|table|reading|guidance|timetable|articles?|paper|words|website|leaflet)\b",
    re.IGNORECASE,
)
BREAK = re.compile(r"[,;:()–—]|(?<!\w)(?:and|but|while|whereas)(?!\w)", re.IGNORECASE)
_STRETCH = re.compile(r"\d{1,2}(?:st|nd|rd|th)?\s*(?:-|–|to|and)\s*(\d{1,2})(?!\d)")
_COUNTRY = re.compile(r"(?<=\w) \([^()\d,]+\)")
CAPITAL = re.compile(r"[^\W\d_a-z]")
_NO_NAMES = {"unesco", "creative", "city", "cities", "network", "the", *(month.lower() for month in MONTHS)}


@dataclass(frozen=True, slots=True)
class Word:
    """A word, figure or date of a text that carries meaning."""

    key: str  # the same for all forms of a word
    start: int
    end: int
    place: int  # position among the words, more for each comma or "and" on the way
    kind: str  # word, number, date


@dataclass(frozen=True, slots=True)
class Text:
    """A text brought to one form, and its words."""

    text: str
    words: tuple[Word, ...]

    def listed(self, kind: str = "") -> list[str]:
        return [word.key for word in self.words if not kind or word.kind == kind]


def _canonical() -> dict[str, str]:
    known: dict[str, str] = {}
    for line in _SAME.strip().splitlines():
        first, *others = line.split()
        known |= dict.fromkeys((first, *others), first)
    return known


_CANONICAL = _canonical()


@lru_cache(maxsize=4096)
def read(text: str) -> Text:
    for form, plain in _FORMS:
        text = form.sub(plain, text)
    text = re.sub(r"\s+", " ", text.replace("|", " ; ")).strip()
    found = [(date.start, date.end, iso, "date") for date in dates(text) for iso in days_of(date, text)]
    found += [
        (number.start, number.end, f"{number.value:g}{'th' if number.ordinal else ''}", "number")
        for number in numbers(text)
    ]
    taken = {place for start, end, *_ in found for place in range(start, end)}
    for match in WORD.finditer(text):
        if taken.isdisjoint(range(*match.span())) and (key := key_of(match[0])):
            found.append((*match.span(), key, "word"))
    breaks = [match.end() for match in BREAK.finditer(text)]
    words, place = [], 0
    for previous, (start, end, key, kind) in pairwise([(0, 0, "", ""), *sorted(found)]):
        place += 1 + BOUNDARY * sum(previous[0] < at <= start for at in breaks)
        words.append(Word(key, start, end, place, kind))
    return Text(text, tuple(words))


def key_of(word: str) -> str:
    """Return what a word is compared by, or '' where it carries no meaning of its own."""
    bare = re.sub(r"['’]s?$", "", word.lower())
    if bare in _FUNCTION or len(bare) < 2:
        return ""
    if any(pattern.fullmatch(bare) for pattern in MARK.values()):
        return ""  # compared as a mark
    return _CANONICAL.get(bare) or _CANONICAL.get(stem(bare)) or stem(bare)


def days_of(date: DateValue, text: str) -> tuple[str, ...]:
    """Return the date, or the first and the last day of a stretch such as 1 to 5 July 2024."""
    stretch = _STRETCH.search(text[date.start : date.end])
    if not stretch or len(date.iso) != 10:
        return (date.iso,)
    return (date.iso, f"{date.iso[:8]}{int(stretch[1]):02d}")


def within(iso: str, day: str) -> bool:
    """Say whether a date is another one, or the same less exactly: 2021-06 is within 2021-06-30, not within 2021."""
    return day == iso or day.startswith(f"{iso}-") or (iso[0] == "-" and day.endswith(iso[1:]))


def same_value(word: Word, other: Word) -> bool:
    return word.key == other.key or (word.kind == "date" and within(word.key, other.key))


def addresses_of(text: str) -> set[str]:
    return {text[start:end].rstrip(".,;") for start, end in (*emails(text), *urls(text))}


def marks_of(text: Text) -> set[str]:
    """Return which marks a text has; the month of May is none."""
    bare = text.text
    for word in text.words:
        if word.kind == "date":
            bare = bare[: word.start] + "#" * (word.end - word.start) + bare[word.end :]
    bare = re.sub(r"(?<=\w )May\b", "#", bare)
    return {name for name, pattern in MARK.items() if pattern.search(bare)}


def names_of(text: Text) -> list[str]:
    """Return the keys of the words that are written as names."""
    found = []
    for word in text.words:
        spoken = text.text[word.start : word.end]
        bare = re.sub(r"['’]s?$", "", spoken.lower())
        if word.kind == "word" and CAPITAL.match(spoken) and bare not in _NO_NAMES and not fields_in(spoken):
            found.append(word.key)
    return found


def named_in(text: Text) -> list[Word]:
    """Return the words that are names, without the country in brackets behind a city."""
    names = set(names_of(text))
    country = [match.span() for match in _COUNTRY.finditer(text.text)]
    return [
        word
        for word in text.words
        if word.key in names and word.kind == "word" and not any(a < word.start < b for a, b in country)
    ]


def limits_of(text: Text) -> dict[int, str]:
    """Return the limits of the figures and dates of a text, by where these begin."""
    found: dict[int, str] = {}
    for word in text.words:
        if word.kind == "word":
            continue
        match = _LIMIT.search(text.text[: word.start])
        if match:
            name = next(name for name, value in match.groupdict().items() if value)
            found[word.start] = "" if name == "since" and joins(text) else name
        elif behind := _LIMIT_BEHIND.match(text.text[word.end :]):
            least = behind["at_least"] or behind["at"] == "least"
            found[word.start] = "at_least" if least else "at_most"
    closing = "close" in text.listed()
    return {place: name for place, name in found.items() if name and not (closing and name == "by")}


def joins(text: Text) -> bool:
    return "join" in text.listed()
