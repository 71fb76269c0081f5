"""How the attributes of dated facts are asked for: the words, the kinds of question, and the kind of subject."""

import re
from dataclasses import dataclass
from typing import Literal

from assistant.terms import stem

SubjectKind = Literal["call", "country call", "network", "country", "member", "meeting", "waiting rule"]

_WHEN, _COUNT = "when", "how_many"
_SUBMIT = r"(?:submit\w*|submission|file[ds]?|filing|send|sent|hand(?:ed)? in|lodg\w*|deliver\w*|transmit\w*)"
_END = (
    r"(?:expir\w*|ends?|permanent\w*|unlimited|for ever|forever|for life|how long|renew\w*|lapse\w*|run out|lasts?"
    r"|valid)"
)
_FEE = r"(?:fees?|costs?|prices?|charges?|charged|pay|free|expensive)"
_FOUND = r"(?:found|creat|establish|launch|set up|start|born|exist|beg[aiu]n)"
_OPEN = r"(?:open|launch|publish|start|beg[aiu]n)"
_CALLS = r"(?:calls?|rounds?|applications?|bids?|submissions?|window|candidatures?)"
_APPLICATIONS = r"(?:applications?|cities|candidates?|applicants?|applicant cities|proposals?|nominations?)"
_BIDS = (
    r"(?:applications?|bids?|applicants?|applicant cities|candidates|candidate cities|candidacies|candidatures|bidders)"
)
_APPLIED = r"(?:applied|apply|bid|filed|competed|submitted|handed in|sent in|lodged|ran for)"
_NO_CITY = r"^(?!.*\b(?:city|town|municipality)\b).*"  # "How big is it?" asks for the Network, not for "a city"
_NO_NOTICE = r"^(?!.*\b(?:tell|told|announc\w*|notif\w*|notice|inform\w*)\b).*"  # that one leaves comes before one does
_A_COUNTRY = r"(?:per|a|each|one|every|our|single|same|by) (?:member )?(?:country|state|nation)"


@dataclass(frozen=True, slots=True)
class Asked:
    """An attribute of facts and how a question asks for it."""

    attribute: str
    of: SubjectKind
    words: re.Pattern[str]
    kinds: tuple[str, ...] = ()  # kinds of question that ask for it; () for any


def _asked(attribute: str, of: SubjectKind, *words: str, kinds: tuple[str, ...] = ()) -> Asked:
    return Asked(attribute, of, re.compile("|".join(words), re.I), kinds)


# The first that fits a question is taken: the more special ones stand first.
ATTRIBUTES = (
    _asked(
        "national deadline",
        "country call",
        r"\bdead ?lines?\b",
        r"\bclos(?:e|es|ed|ing)\b",
        r"\b(?:until|by) when\b",
        rf"\b{_SUBMIT}\b",
        kinds=(_WHEN, "process", "other"),
    ),
    _asked(
        "evaluation until",
        "call",
        r"\bevaluat\w*.*\b(?:end|until|last|finish)",
        r"\buntil\b.*\bevaluat",
        kinds=(_WHEN,),
    ),
    _asked(
        "announced result day",
        "call",
        r"\b(?:planned|originally|foreseen|scheduled)\b.*\b(?:result|announce|list)",
        kinds=(_WHEN,),
    ),
    _asked(
        "result day",
        "call",
        r"\bresults?\b",
        r"\bannounc\w*",
        r"\bdecision\b",
        r"\boutcome\b",
        r"\bpublish\w* the (?:list|names|new)",
        r"\bnew cities\b",
        r"\bwinners\b",
        r"\bdesignat\w*",
        kinds=(_WHEN,),
    ),
    _asked("founded", "network", rf"\b{_FOUND}\w*\b.*\bNetwork\b", rf"\bNetwork\b.*\b{_FOUND}\w*", kinds=(_WHEN,)),
    _asked(
        "opening day",
        "call",
        rf"\b{_OPEN}\w*\b.*\b{_CALLS}\b",
        rf"\b{_CALLS}\b.*\b{_OPEN}\w*",
        kinds=(_WHEN,),
    ),
    _asked(
        "closing day",
        "call",
        r"\bdead ?lines?\b",
        r"\bclos(?:e|es|ed|ing)\b",
        r"\blast (?:day|date)\b",
        r"\bdue\b",
        r"\bcut-?off\b",
        r"\b(?:until|till|by) when\b",
        rf"\b{_SUBMIT}\b.*\b(?:by|until|latest)\b",
        rf"\bwhen\b.*\b{_SUBMIT}\b",
        kinds=(_WHEN, "process"),
    ),
    _asked(
        "number of applications",
        "call",
        rf"^(?!.*\b{_A_COUNTRY}).*\bhow many\b(?: (?!can\b|may\b|could\b|must\b)\w+){{0,4}}? {_APPLIED}\b",
        rf"^(?!.*\b(?:{_A_COUNTRY}|can|may|could|must)\b).*\bhow many (?:\w+ )?{_BIDS}\b",
        rf"\bnumber of {_BIDS}\b",
        rf"\bhow many {_APPLICATIONS}\b.*\b(?:received|submitted|filed)\b",
        kinds=(_COUNT,),
    ),
    _asked(
        "cities designated a country",
        "call",
        rf"\b(?:designat|accept|admit|win|chosen)\w*\b.*\b{_A_COUNTRY}",
        kinds=(_COUNT,),
    ),
    _asked(
        "bids a country",
        "call",
        rf"\b{_APPLICATIONS}\b.*\b{_A_COUNTRY}",
        rf"\b{_APPLICATIONS}\b.*\b(?:country|commission|state)\b.*"
        r"\b(?:submit|put forward|propose|nominate|endorse|support|back|send|present|have|enter)\w*",
        r"\b(?:limit|maximum|quota)\b.*\b(?:country|countries|state)\b",
        r"\bper country\b",
    ),
    _asked(
        "filing address",
        "call",
        rf"\b(?:e-?mail|address)\b.*\b(?:applications?|{_SUBMIT})\b",
        rf"\b(?:applications?|{_SUBMIT})\b.*\b(?:e-?mail|address)\b",
        kinds=("contact",),
    ),
    _asked(
        "way of filing",
        "call",
        rf"\bhow\b.*\b{_SUBMIT}\b",
        r"\b(?:by|via|per) (?:e-?mail|post|mail)\b",
        r"\bonline (?:platform|form|portal)\b",
        r"\bplatform\b",
        kinds=("process", "other", "contact"),
    ),
    _asked("languages of the file", "call", r"\blanguages?\b"),
    _asked(
        "size limit",
        "call",
        r"\b(?:size|megabytes?|mb|large|big|heavy)\b.*\b(?:applications?|e-?mail|attachments?|files?)\b",
        r"\bapplication\b.*\b(?:size|megabytes?|MB|large|big)\b",
    ),
    _asked("photos", "call", r"\bphotos?\b", r"\bphotographs?\b", r"\bpictures?\b", r"\bimages?\b"),
    _asked("letters of support", "call", r"\bletters? of support\b", r"\bsupport letters?\b"),
    _asked(
        "years",
        "waiting rule",
        r"\bwait\w*",
        r"\bmoratorium\b",
        r"\bpause\b",
        r"\bblocked\b",
        r"\bapply again\b",
        r"\bre-?appl\w*",
        kinds=(_COUNT, _WHEN, "process"),
    ),
    _asked(
        "end of membership",
        "member",
        rf"\b{_END}\b.*\bmember\w*",
        rf"\bmember\w*\b.*\b{_END}\b",
    ),
    _asked("report interval", "member", r"\breport\w*", r"\bmonitoring\b", kinds=(_COUNT, _WHEN)),
    _asked(
        "annual conference duty",
        "member",
        r"\b(?:compulsory|obligatory|mandatory|must|have to|required|duty|obliged)\b.*\bconferences?\b",
        r"\bconferences?\b.*\b(?:compulsory|obligatory|mandatory|required)",
    ),
    _asked("scoring", "network", r"\bpoints?\b", r"\bscor(?:e|es|ed|ing)\b", r"\b(?:pass|minimum) marks?\b"),
    _asked(
        "membership fee",
        "network",
        rf"\b{_FEE}\b.*\b(?:members?|membership|annual|yearly|a year)\b",
        rf"\b(?:members?|membership|annual|yearly)\b.*\b{_FEE}\b",
        kinds=("money", "other", "how_many"),
    ),
    _asked(
        "application fee",
        "network",
        rf"\b{_FEE}\b.*\b(?:appl\w*|candida\w*|submi\w*)",
        rf"\b(?:appl\w*|candida\w*|submi\w*)\b.*\b{_FEE}\b",
        kinds=("money", "other", "how_many"),
    ),
    _asked(
        "interval of calls",
        "network",
        r"\bhow often\b.*\b(?:calls?|apply|applications?|open)",
        r"\b(?:calls?|applications?)\b.*\bhow often\b",
    ),
    _asked(
        "countries of the new cities",
        "network",
        r"^(?=.*20\d\d).*\bhow many (?:different )?(?:countries|states|nations)\b.*"
        r"\b(?:new (?:member )?cities|winners?|newcomers?)\b",
        kinds=(_COUNT,),
    ),
    _asked("new countries", "network", r"\bnew countries\b", r"\bcountries\b.*\bfirst time\b", kinds=(_COUNT,)),
    _asked(
        "new cities",
        "network",
        r"\bnew (?:member )?cities\b",
        r"\b(?:join|admitt|accept|designat|enter|select|add|chosen|named|pick|pass|newcomer|winner|success)\w*",
        r"\b(?:got|came|taken|let) in\b|\bgot the\b",
        kinds=(_COUNT,),
    ),
    _asked(
        "countries of the new cities",
        "network",
        r"^(?=.*20\d\d).*\b(?:new (?:member )?cities|winners?|newcomers?|joined|picked|selected|chosen|designated)\b"
        r".*\b(?:from|of|in)\b.*\b(?:countries|states|nations)\b",
        kinds=(_COUNT,),
    ),
    _asked("countries", "network", r"\bcountries\b", kinds=(_COUNT,)),
    _asked(
        "creative fields",
        "network",
        r"\b(?:how many|number of)(?: \w+){0,2} (?:fields|disciplines|categories)\b",
        r"\b(?:which|what|list|name|enumerate|all)\b.*\b(?:creative )?fields\b",
        kinds=(_COUNT, "list", "other", "definition"),
    ),
    _asked(
        "member cities",
        "network",
        r"\bcities\b",
        r"\bmembers?\b",
        rf"{_NO_CITY}\b(?:big|large|size)\b",
        kinds=(_COUNT,),
    ),
    _asked("member cities", "network", r"\b(?:what|which) total\b", kinds=("how_many", "list", "other", "process")),
    _asked("theme", "meeting", r"\bthemes?\b", r"\btopic\b", r"\bmotto\b"),
    _asked("dates", "meeting", r"\bwhen\b", r"\bdates?\b", r"\b(?:what|which) days?\b", kinds=(_WHEN,)),
    _asked(
        "host",
        "meeting",
        r"\bhost\w*",
        r"\bwhere\b",
        r"\b(?:which|what) (?:city|place|cities)\b",
        r"\b(?:take|took) place\b",
    ),
    _asked("leaves UNESCO", "country", rf"{_NO_NOTICE}\b(?:leav|withdraw|exit|quit)\w*", kinds=(_WHEN,)),
)

# Words that say no more than attribute and subject do; with any other in a question, it asks for something else.
_ANYWHERE = """date dates day month year years official officially final latest last newest current currently
    number total count part time times now today present exactly moment precise precisely actual
    actually know known planned originally so far still yet long say said document documents source
    sources question different single one two same existing allowed possible must required need needed
    necessary many global worldwide overall altogether old older limit maximum often happen updated
    update receive due english french new newly period back right directly immediately shortly spring autumn"""
_WORDS_OF: dict[SubjectKind, str] = {
    "call": """condition conditions field fields max minimum win won form fill filled made public out write written
    call calls application applications applicant applicants candidate candidates candidacy apply candidatures
    bidders towns
    competed losers counted come came loser entered enter
    applied applying bid bids deadline closing close closed open opened opening result results announced
    announce announcement submit submitted submission file filed filing send sent round edition country
    countries state states per put forward propose proposed proposals nominate national commission
    commissions choose chosen selected select picked designated designation launch launched published
    publish start started begin began cut off window list winners names decision outcome until end
    evaluation evaluated email mail online platform portal hand handed work way process next join
    joining become becoming nation nations accepted admitted language languages size big large photo
    photos""",
    "network": """early late middle come came winner state states lie make made bring
    evaluation grid minimum pass bid bids criterion criteria reach threshold represented represent entry
    participation euro euros dollar dollars choose pick select open offer offered suit suits city cities
    enumerate picked passed newcomer newcomers winner winners got came taken successful fee fees cost
    costs price charge charged pay paid free expensive money yearly annual membership application
    applicant applicants candidate candidates submit submission UNESCO belong joined join joining
    admitted designated become became field fields creative country countries call calls apply
    applications size big large grow grew grown growth evolve evolved evolution change changed develop
    developed nation nations add added exist accepted selected chosen named founded created established
    since first launched start started began set""",
    "member": """membership member title city cities expire expires end ends permanent unlimited forever life renew
    renewed valid lapse run last lasts report reports reporting monitoring send submit attend compulsory
    annual conference conferences take""",
    "waiting rule": """wait waiting again refused refusal refusals rejected rejection rejections reapply apply applied
    applying consecutive twice times application applications call calls bid bids unsuccessful failed
    attempt attempts""",
    "meeting": """annual conference conferences meeting summit beijing take took place held hold host hosted hosting
    hosts theme topic next upcoming title""",
    "country": "leave leaves leaving left withdraw withdraws withdrawal exit quit",
}
_WORDS_OF["country call"] = _WORDS_OF["call"]
GENERAL = {of: {stem(word) for word in f"{_ANYWHERE} {words}".split()} for of, words in _WORDS_OF.items()}
