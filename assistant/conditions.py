"""What a question asks of the table of member cities: the conditions on cities, and what is wanted of those inside."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assistant.cities import REGIONS, Mention
from assistant.claims import EVERYWHERE, Bound, Limit, Period, Scope
from assistant.corpus import lies_in
from assistant.english import enumerated
from assistant.records import City, Group
from assistant.terms import OTHER_TITLE, stem
from assistant.understand import Query
from assistant.values import dates, numbers, without_dates
from assistant.vocabulary import FIELD, FIELDS, WORD, content_stems, fields_in
from assistant.wording import BY_SIZE, CITIES_AND_COUNTRIES, LEAST, MAY_BE, REFUSED, SUMMED, years_between

ROUND_MONTH = 10  # cities are designated from October on; before it a year's round is yet to come

Wish = Literal[
    "rows",  # what the table says of the cities that are named
    "entry",  # whether a name is in the table
    "order",  # which of the cities that are named came first
    "most",
    "fewest",
    "first",
    "latest",
    "number of countries",
    "number of subdivisions",
    "numbers of cities and countries",
    "number",
    "countries",
    "countries without",
    "missing fields",
    "each",
    "new countries",
    "subdivisions",
    "cities",
    "",  # nothing that the table tells
]

# Words of a question that the table itself answers. Any other word left over, and the table is not asked.
_TABLE_WORDS = {
    stem(word)
    for word in """part belong belongs joined join joining admitted admit designated designation designate become
    became becoming new newest since year years list table number total count counts many country
    countries nation status enter entered hold holds held received receive obtained obtain recognised
    declared added accepted selected chosen latest recent first last most fewest least smallest lowest
    biggest highest top oldest earliest youngest before after until between same compare compared comparison
    difference field fields category categories creative discipline art arts class place region regions
    made currently present moment altogether respectively each both together complete whole full recently far
    exist existing represent represents represented inside across start started work works specialise
    specialised known label badge certified certification under active round intake wave batch get
    cohort sort type date dates exact larger bigger more fewer less smaller than ones overall quantity
    lists overview show find official officially already today now state states version earlier later
    others neighbour neighbours neighbouring nations states province
    provinces prefecture prefectures vs versus saw brought canton cantons come comes lie lies champion
    lead leads leading group older newer longer share shares sharing shared common along
    town towns way partner partners sign signed picked passed
    winner winners newcomer newcomers successful came taken call include
    long again remind put remain remains aside
    included includes including alphabetical order one two three four five six""".split()
}
_JOINED = re.compile(
    r"\bjoin|\badmitt|\bdesignat|\bbec[ao]me|\bbecoming|\bnew\b|\bnewest|\benter|\btitle|\badded|\baccepted"
    r"|\bselected|\bchosen|\bpicked|\bdeclared|\bmade\b|\brecogni|\bnamed|\bsince|\bround\b|\bintake|\bwave\b|\bcohort"
    r"|\bgot\b|\bget\b|\bpassed|\bwinners?\b|\bnewcomers?\b|\bsuccessful|\bcame in\b|\btaken\b|\bcall\b",
    re.I,
)
# Who holds the title at a time may have got it earlier.
_HELD = re.compile(
    r"\b(?:had|has|have|held|holds?|carried|carr(?:y|ies)|bore|with)"
    r"(?: (?!received|got|won|been|obtained|gained|given|taken)\w+){0,4} titles?\b",
    re.I,
)
_SINCE = re.compile(r"\b(?:since|from|starting(?: in| with)?)\W+(?:the year )?(?P<year>20\d\d)", re.I)
_AFTER = re.compile(r"\b(?:after|later than)\W+(?:the year )?(?P<year>20\d\d)", re.I)
_BEFORE = re.compile(r"\b(?:before|prior to|earlier than)\W+(?:the year )?(?P<year>20\d\d)", re.I)
# "An old brochure from 2016": the year of the paper, not the first that is asked for.
_OF_A_PAPER = re.compile(
    r"(\b(?:brochure|leaflet|flyer|booklet|paper|list|text|article|document|report|page|book|map|slide)s?)"
    r" (?:from|since) (?=(?:the year )?20\d\d)",
    re.I,
)
# "How many were there after the 2017 round?" counts all that were members then.
_AFTER_ROUND = re.compile(
    r"\bafter (?:the )?(?:\w+ )?(?:20\d\d (?:call|round|intake)|(?:call|round|intake) (?:of|in) 20\d\d)\b", re.I
)
_WERE_THERE = re.compile(r"\b(?:were|are|was|is) there\b|\bdid [^,?]+ (?:have|count|number)\b|\bhad\b", re.I)
_UNTIL = re.compile(r"\b(?:until|till|up to|by)\W+(?:the end of )?(?:the year )?(?P<year>20\d\d)", re.I)
_FIRST = re.compile(
    r"\b(?:first|earliest|oldest)\b(?! (?:steps?|time|thing|report|(?:few )?(?:days?|weeks?|months?|years?))\b(?! of))"
    r"(?<!\bat first)",
    re.I,
)
_LATEST = re.compile(r"\b(?:latest|newest|youngest|most recent(?:ly)?|last)\b", re.I)
_LAST_ROUNDS = re.compile(
    r"\b(?:last|latest|past|most recent) (?P<number>two|three|four|five|six|[2-6])"
    r" (?:rounds|calls|intakes|waves|batches)\b",
    re.I,
)
_MOST = re.compile(r"\b(?:most|largest|highest|biggest|top|champion|leads?|leading)\b(?! recent)", re.I)
# "Was Norwich the first City of Literature?": who was is told, whoever is named.
_CLAIMS_END = re.compile(
    r"\b(?:first|oldest|earliest|newest|youngest|latest|most recent)\b"
    r"(?: [\w-]+){0,3}? (?:cit(?:y|ies)|members?|towns?|places?)\b",
    re.I,
)
_YES_OR_NO = re.compile(r"^\W*(?:is|was|are|were)\b", re.I)
_COMPARES = re.compile(r"\b(?:than|vs|versus|compare\w*|more|fewer|between)\b", re.I)
_OF_COUNTRIES = re.compile(
    r"\b(?:how many|which|what|number of|list(?: of)?)(?: (?!united\b)\w+){0,2} (?:countries|states|nations)\b", re.I
)
_OF_SUBDIVISIONS = re.compile(
    r"\b(?:which|what|how many)\b(?: (?!united\b)[\w']+){0,3}"
    r" (?:states?|provinces?|regions?|prefectures?|oblasts?|cantons?)\b",
    re.I,
)
_ASKS_COUNTRIES = re.compile(
    r"\b(?:how many|which|what|number of|list(?: of)?|name|all)\b(?: [\w'-]+){0,3} (?:countr(?:y|ies)|nations?)\b"
    r"|^\W*(?:countries|nations)\b",
    re.I,
)
_LIMITED = re.compile(
    r"\b(?:(?P<exactly>only|just|exactly|precisely|merely|but|a)"
    r"|(?P<more_than>more than|over|upwards of)|(?P<at_least>at least|no fewer than|no less than|a minimum of)"
    r"|(?P<fewer_than>fewer than|less than|under|below)|(?P<at_most>at most|no more than|up to|a maximum of))? ?"
    r"\b(?P<number>\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|single)"
    r"(?P<or_more> or more)?(?= (?:[\w-]+ ){0,3}?(?:cit(?:y|ies)|members?|towns?|places?)\b)",
    re.I,
)
_FIRST_EVER = re.compile(
    r"\b(?:their|its) (?:very )?first\b|\bfor the (?:very )?first time\b|\bdebut\w*"
    r"|\bnew(?:ly)?\b(?! (?:\w+ ){0,2}(?:cit(?:y|ies)|members?|towns?|places?)\b)",
    re.I,
)
_LACKS = re.compile(
    r"\b(?:but|and|with|ha(?:s|ve)|got) (?:no|not|none|without)\b(?! (?:more|less|fewer)\b)(?: (?:an?|any))?"
    r"|\b(?:is|are) (?:there )?no\b(?! (?:more|less|fewer)\b)|\bno\b(?= (?:[\w-]+ )?(?:cit(?:y|ies)|members?)\b)"
    r"|\bwithout\b(?: (?:an?|any|one))?|\bnot\b(?: (?:yet|have|any|in|a)\b)*|\b(?:lacks?|lacking|missing)\b"
    r"|\b(?:do|does|is|are)n['’]t\b(?: (?:yet|have|any|in|a)\b)*",
    re.I,
)
_MAY = re.compile(r"\b(?:may|can|could|might|should|must|allowed)\b", re.I)
_FIELDS_ASKED = re.compile(
    r"\b(?:which|what)\b(?: (?:of the )?(?:creative|eight))* (?:fields?|categor\w+|disciplines?)\b", re.I
)
_OR = re.compile(r"\bor\b", re.I)
_ONE_BY_ONE = re.compile(r"\bor\b|\bhow many\b.+\bhow many\b", re.I)
_OF_YEARS = re.compile(r"\b(?:which|what) (?:year|round|call)\b", re.I)
_DAY = re.compile(r"\b(?:days?|dates?)\b", re.I)
_ORDER = re.compile(
    r"\b(?:first|earlier|earliest|later|latest|last|before|after|longer|longest|older|oldest|newer|newest|younger|youngest|compare\w*)\b",
    re.I,
)
_ALL_CITIES = re.compile(r"\b(?:which|what|list|name|all)\b[^,?]*\b(?:cities|members|towns|places|others)\b", re.I)
_APPOSITION = re.compile(
    r"\b(?:of|between) (?:the|these|those) (?:two|three|four)(?: \w+)? "
    r"(?:neighbours?|countries|cities|nations|states|towns|places|fields|members)\b",
    re.I,
)
_A_FIELD = re.sub(r"\?P<\w+>", "?:", FIELD.pattern)  # the names of its groups may stand once
_NOT_OF_FIELD = re.compile(
    r"\b(?:not|other than|except(?: for)?|outside(?: of)?|apart from|leav(?:e|ing) (?:aside|out))"
    r" (?:in |of |for |from )?(?:the |a |an )?(?:(?:field|category|cit(?:y|ies)|ones|those) of )?"
    rf"{FIELD.pattern}(?:(?:,|,? and| or) {_A_FIELD})*",
    re.I,
)
# "How many cities has China, not counting Macao?"
_HELD_OFTEN = re.compile(r"\b(?:years?|long|times?|titles?|fields?|labels?)\b", re.I)  # that a row tells
_LEFT_OUT = re.compile(r"\b(?:not counting|without|excluding|leaving out|except(?: for)?|minus)\b", re.I)
_CITIES = re.compile(r"\bcit(?:y|ies)\b|\bmembers?\b|\btowns?\b|\bplaces?\b", re.I)
_ASKS_TABLE = re.compile(
    r"\bof what\b|\b(?:fields?|members?|join|since|title|creative|country|designat|network|UNESCO|cit(?:y|ies))", re.I
)
_MEMBERSHIP = re.compile(
    r"^\W*(?:(?:since|as|given) [^,?]+, )?(?:(?:since )?when |in (?:which|what) (?:year|field) )?"
    r"(?:is|are|was|were|has|have|does|do|did)\b"
    r".*\b(?:members?|creative cit(?:y|ies)|cit(?:y|ies) of|join\w*"
    r"|belong\w*|part of|in the (?:UNESCO|network|UCCN)|on the list|in (?:it|there)\W*$)",
    re.I,
)
_NOT_HELD = re.compile(
    r"^\W*(?:why|how come)\b"
    r"|^\W*(?:what(?:['’]s| is| are|s)|how do|where is|explain) (?:the )?(?:main )?(?:differences?|differ)\b"
    r"(?!.*\b(?:numbers?|counts?|size|years?)\b)"
    r"|\bnot (?:in|from|a|an|cit|of|part)\b|\b(?:are|is|were|do|does|have|has) not\b"
    rf"|\bother than\b|\bha(?:ve|s|d) no\b|\bwith no\b|{REFUSED.pattern}"
    r"|\bexcept\w*\b|\bwithout\b|\boutside\b|\bhow many (?:creative )?fields\b",
    re.I,
)  # reasons, and what the conditions leave out
_OF_OTHERS = re.compile(
    r"\b(?:same|other|another|others|only|like|besides)\b|\b(?:before|after|than)\b(?!\W+(?:the year )?\d)"
    rf"|{_FIRST.pattern}|{_LATEST.pattern}",
    re.I,
)  # a question about cities that stand in some relation to the one it names
_OTHER_NAME = re.compile(r"\b(?:other|another|different) name\b", re.I)
_OTHERS = re.compile(
    r"\b(?:other|others|else|another|same|share|shares|shared|sharing|together with|along with|besides)\b", re.I
)
_SAME_FIELD = re.compile(
    r"\b(?:same|its|his|their|this|that|share\w*|sharing|the)\b[^,?]*\b(?:field|category|discipline)\b"
    r"|\bfield of\b|['’]s field\b",
    re.I,
)
_THIS_FIELD = re.compile(r"\b(?:this|that) (?:field|category|discipline)\b", re.I)
_SAME_YEAR = re.compile(
    r"\b(?:same|that|its) (?:\w+ and )?(?:year|round|call|intake|wave)\b"
    r"|\b(?:together|along|joined|designated|admitted|entered|came in|got in) with\b|\byear (?:and field )?as\b",
    re.I,
)
_SAME_COUNTRY = re.compile(r"\b(?:same|that|its|this) (?:country|nation|state)\b|['’]s country\b", re.I)
_PREVIOUS = re.compile(
    r"\b(?:came|come|joined|entered|admitted|designated|one|city|member|got in) (?:in )?before\b", re.I
)
_FOLLOWING = re.compile(
    r"\b(?:came|come|joined|entered|admitted|designated|one|city|member|got in) (?:in )?after\b", re.I
)
_CALL_ITSELF = re.compile(
    r"^\W*(?:what (?:is|do (?:you|we)) know\w*|(?:do you )?know|tell (?:me|us)|anything|what) (?:[a-z]+ ){0,2}?"
    r"(?:about|of|on) (?:the )?20\d\d (?:call|round)\W*$",
    re.I,
)  # that it brought no city yet is no answer to what is known of a call
# "... opt for gastronomy", "chosen for its food", "as a City of Film": a field that a city is said to hold. What has
# the field only before its name, such as a music school, says nothing of the city.
_CLAIMED_FIELD = re.compile(
    r"\b(?:(?:opt|ch[oa]se|choos|chosen|pick|select|designat|recogni[sz]|honour|title|label|badge|join|nam|enter|admit"
    r"|ma(?:k|d)(?=e|ing)|declar|call(?=s|ed|ing))"
    r"\w*\b(?: [^\s\d?!.;]+){0,6}? (?:for|as|with|in|under|of|a|an|the)|being|is|was|became|become|made)"
    rf"(?: (?:its|the|a|an|city of|cities of))* {FIELD.pattern}(?=\W*$|[?!.,;:]| (?:cit(?:y|ies)"
    r"|title|field|category|label|and|but|or|in|by|at|as|when|while|since|before|after|instead|rather|if)\b)",
    re.I,
)
_CLAIMED_YEAR = re.compile(
    r"\b(?:join\w*|(?:came|got|was|were) (?:in|aboard|on board)|admitted|designated|became an? [^\W\d]+)"
    r"(?: (?!and\b|or\b)[^\W\d]+){0,5}? in (?P<year>20\d\d)\b",
    re.I,
)
_POSSIBLE_NAME = re.compile(r"[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*")
_SUPERLATIVE = re.compile("|".join(part.pattern for part in (_FIRST, _LATEST, _MOST, LEAST)), re.I)
_WHICH = re.compile(r"^\W*(?:and |in )?(?:which|what|where|list|name|show|give|all)\b", re.I)
_CITY_COUNTRY = re.compile(r"\bcities\b|\bcountr|\bmembers\b", re.I)
_WHICH_FIELD = re.compile(r"\b(?:which|what)(?: creative)? (?:field|category|discipline)\b", re.I)
_OF_FIELDS = re.compile(r"\bfields?\b|\bcategor", re.I)


Part = Literal["country", "subdivision", "field", "year"]


@dataclass(frozen=True, slots=True)
class TableQuestion:
    """What a question asks of the table; `wants` is '' where the table does not answer it."""

    wants: Wish
    scope: Scope = EVERYWHERE
    named: tuple[City, ...] = ()  # the cities whose rows are wanted
    name: str = ""  # that is looked for in the table
    part: Part = "country"  # what a superlative is asked of
    years: tuple[int, ...] = ()  # of designation, that are compared
    summed: bool = False  # or counted together
    corrects: bool = False  # the question gives the named city a field that it does not have
    compares: bool = False  # the parts of the scope are asked for one by one
    groups: tuple[Group, ...] = ()  # of countries, that are named
    bound: Bound | None = None  # how many cities each of the countries has that are wanted
    lacking: tuple[str, ...] = ()  # fields of which these have no city
    rounds: int = 0  # how many of the latest, where the scope is those
    of_any: bool = False  # that there is no city in the scope answers it too


def asked_of_table(query: Query) -> TableQuestion:
    """Read what a question asks of the table."""
    nothing = TableQuestion("")
    query = _of_other_fields(query)
    if query.kind in ("money", "contact", "process", "definition"):
        return nothing
    if MAY_BE.search(query.core) or BY_SIZE.search(query.core):
        return nothing
    if asked := _of_countries(query) or _of_missing_fields(query):
        return asked
    if _NOT_HELD.search(query.core):
        return nothing
    years = _years_compared(query)
    if len(query.years) > 1 and not years and not years_between(query.standalone):
        return nothing  # "in 2014 and 2017" is no range
    left = _left_over(query)
    named = _cities_meant(query)
    if left:
        name = "" if named or query.mentions else _unknown_name(query, left)
        return TableQuestion("entry", name=name) if name else nothing
    scope = _scope(query, named)
    if named:
        return _of_named(query, scope, named)
    if query.kind == "when" and _DAY.search(query.core):
        return nothing  # the table has years
    if years:
        summed = bool(SUMMED.search(query.core))
        conditions = replace(scope, period=None)
        return TableQuestion("number", conditions, compares=True, years=years, of_any=True, summed=summed)
    if scope.subdivisions and (scope.countries or scope.regions):
        return nothing  # a part of a country beside other countries
    named_any = scope.countries or scope.regions or scope.subdivisions or scope.fields or scope.period
    if not (named_any or _SUPERLATIVE.search(query.core)):
        return nothing
    if end := _superlative(query, scope):
        of_fields = (_WHICH_FIELD if scope.fields else _OF_FIELDS).search(query.core)
        of_states = len(scope.countries) == 1 and _OF_SUBDIVISIONS.search(query.core)
        part: Part = "field" if of_fields else "subdivision" if of_states else "country"
        return TableQuestion(end, scope, part="year" if _OF_YEARS.search(query.core) else part)
    counts, asks_which = query.kind == "how_many", _asks_which(query)
    return TableQuestion(
        _wish(query, scope, asks_which=asks_which),
        scope,
        rounds=_rounds(query),
        compares=bool(_COMPARES.search(query.core) or (counts and _ONE_BY_ONE.search(query.core))),
        groups=tuple(dict.fromkeys(mention.group for mention in query.mentions if mention.group)),
        of_any=counts or query.asserted or (asks_which and not _CALL_ITSELF.match(query.standalone)),
    )


def _of_other_fields(query: Query) -> Query:
    """Return a question of what lies outside a field as one of the other fields."""
    left_out = _NOT_OF_FIELD.search(query.core)
    if not left_out or set(query.fields) != set(fields_in(left_out[0])):
        return query
    core, asking = (_NOT_OF_FIELD.sub(" ", text) for text in (query.core, query.asking))
    return replace(query, core=core, asking=asking, fields=tuple(name for name in FIELDS if name not in query.fields))


def _of_countries(query: Query) -> TableQuestion | None:
    """Read which countries have so many cities, a city of each of several fields, their first one in a year, or none.

    None where a question asks for no such thing, or for more than that.
    """
    if not _ASKS_COUNTRIES.search(query.core) or _cities_meant(query):
        return None
    lacks, limit, new = (pattern.search(query.core) for pattern in (_LACKS, _LIMITED, _FIRST_EVER))
    if _MAY.search(query.core) or (lacks and _left_out(query, lacks.end())):
        return TableQuestion("")
    lacking = fields_in(query.core[lacks.end() :]) if lacks else ()
    plain = _without(query, *(match[0] for match in (lacks, limit, new) if match))
    if lacking:
        plain = replace(plain, fields=tuple(name for name in plain.fields if name not in lacking))
    if _left_over(plain) or _NOT_HELD.search(plain.core):
        return None
    scope = _scope(plain, ())
    if scope.subdivisions:
        return None
    if lacks and not scope.fields:
        placed = scope.countries or scope.regions
        return TableQuestion("countries without" if placed else "", replace(scope, fields=lacking))
    if lacking or (len(scope.fields) > 1 and not limit and not _OR.search(plain.core)):
        return TableQuestion("" if _OR.search(plain.core) else "each", scope, lacking=lacking)
    if limit:
        wish: Wish = "number of countries" if query.kind == "how_many" else "countries"
        return TableQuestion(wish, scope, bound=_bound(limit))
    if new and len(query.years) == 1 and scope.period and scope.period.spell in ("in", "by"):
        return TableQuestion("new countries", scope.of_year(int(query.years[0])))
    return None


def _left_out(query: Query, end: int) -> bool:
    """Say whether a place follows at once behind a "not": "and not in Europe" leaves it out."""
    between = (query.core[end : mention.start] for mention in query.mentions if mention.start >= end)
    return any(not set(WORD.findall(words)) - {"in", "of", "from", "the"} for words in between)


def _of_missing_fields(query: Query) -> TableQuestion | None:
    """Read in which fields a place has no city; None where a question asks for anything else."""
    lacks = _LACKS.search(query.core)
    if not lacks or not _FIELDS_ASKED.search(query.core) or query.fields or _cities_meant(query):
        return None
    plain = _without(query, lacks[0])
    scope = _scope(plain, ())
    placed = scope.countries or scope.regions or scope.subdivisions
    return TableQuestion("missing fields", scope) if placed and not _left_over(plain) else None


def _without(query: Query, *told: str) -> Query:
    """Return a question without some of its words; places keep their spots in it."""
    core, asking = query.core, query.asking
    for words in filter(None, told):
        blank = " " * len(words)
        core, asking = core.replace(words, blank), asking.replace(words, blank)
    return replace(query, core=core, asking=asking)


def _bound(said: re.Match[str]) -> Bound | None:
    """Return the bound that is said; None for "at least one", which every country has that is counted."""
    number = 1 if said["number"].lower() == "single" else int(numbers(said["number"])[0].value)
    limits: tuple[Limit, ...] = ("exactly", "more than", "at least", "fewer than", "at most")
    limit: Limit = next((limit for limit in limits if said[limit.replace(" ", "_")]), "exactly")
    if said["or_more"]:
        limit = "at least"
    return None if (limit, number) in (("at least", 1), ("more than", 0)) else Bound(limit, number)


def _of_named(query: Query, scope: Scope, named: Sequence[City]) -> TableQuestion:
    """Read what is asked of the cities that a question names, or of others that have something in common with one."""
    if len(named) > 1 and _ORDER.search(query.core) and not _ALL_CITIES.search(query.core):
        return TableQuestion("order", scope, tuple(named))
    if len(named) > 1 and _SAME_FIELD.search(query.core) and _YES_OR_NO.match(query.core):
        return TableQuestion("rows", scope, tuple(named))
    of_its_field = _THIS_FIELD.search(query.standalone) and scope.countries and not scope.fields
    if len(named) == 1 and of_its_field and (end := _superlative(query, scope)):
        return TableQuestion(end, replace(scope, fields=(named[0].field,)))
    if len(named) == 1 and (beside := shared_with(query.standalone, scope, named[0])):
        wish: Wish = "number" if query.kind == "how_many" else "cities"
        wrong = bool(query.fields) and named[0].field not in query.fields and not _SAME_YEAR.search(query.standalone)
        return TableQuestion(wish, beside, tuple(named), of_any=True, corrects=wrong)
    if len(named) == 1 and _CLAIMS_END.search(query.core) and (query.asserted or _YES_OR_NO.match(query.core)):
        return TableQuestion("first" if _FIRST.search(query.core) else "latest", replace(scope, period=None))
    if len(named) == 1 and (stepped := next_to(query.standalone, scope, named[0])):
        return stepped
    if _OF_OTHERS.search(_OTHER_NAME.sub(" ", query.standalone)):
        return TableQuestion("")
    if query.kind == "how_many" and scope.countries and all(city.country in scope.countries for city in named):
        out = tuple(named) if _LEFT_OUT.search(query.core) else ()
        return TableQuestion("number", replace(scope, besides=out), of_any=True)
    if query.kind == "how_many" and not _HELD_OFTEN.search(query.core):
        return TableQuestion("")  # a row tells no number of something else
    return TableQuestion("rows", scope, tuple(named))


def shared_with(text: str, scope: Scope, city: City) -> Scope | None:
    """Return the conditions that others share with a city, as a question puts it; None where it asks of no others."""
    if not _OTHERS.search(_OTHER_NAME.sub(" ", text)) and not _SAME_YEAR.search(text):
        return None
    told = scope.fields and _THIS_FIELD.search(text)  # "being a film city, who shares this field?" asks for film
    field = (city.field,) if _SAME_FIELD.search(text) and not told else scope.fields
    year = Period("in", city.year, city.year) if _SAME_YEAR.search(text) else None
    countries = scope.countries or ((city.country,) if _SAME_COUNTRY.search(text) else ())
    if not (field or year or countries):
        return None
    period = year or (None if _SINCE.search(text) is None else scope.period)
    inside = (not field or city.field in field) and (not countries or city.country in countries)
    inside &= not scope.regions or city.region in scope.regions
    inside &= not scope.subdivisions or any(lies_in(city, part) for part in scope.subdivisions)
    besides = (city,) if inside else ()
    return replace(scope, countries=countries, fields=field, period=period, besides=besides)


def next_to(text: str, scope: Scope, city: City) -> TableQuestion | None:
    """Return what a question asks about those that came before a city or after it; None where it asks nothing such."""
    before, after = _PREVIOUS.search(text), _FOLLOWING.search(text)
    if not (before or after) or not (scope.countries or scope.regions or scope.subdivisions or scope.fields):
        return None
    period = Period("before", last=city.year - 1) if before else Period("after", first=city.year + 1)
    conditions = replace(scope, period=period)
    if _ALL_CITIES.search(text):
        return TableQuestion("cities", conditions, of_any=True)
    return TableQuestion("latest" if before else "first", conditions)


def _years_compared(query: Query) -> tuple[int, ...]:
    """Return the years whose new cities a question compares."""
    together = _COMPARES.search(query.core) or SUMMED.search(query.core)
    compares = together and len(query.years) > 1 and _JOINED.search(query.core)
    return tuple(map(int, query.years)) if compares and not years_between(query.standalone) else ()


def contradicts(query: Query, city: City) -> bool:
    """Say whether a question states another country or year for a city than the table does."""
    countries = {mention.country for mention in query.mentions if mention.country and not mention.cities}
    period = _period(query) or Period("in")
    too_early = period.first is not None and city.year < period.first
    too_late = period.last is not None and city.year > period.last
    since = _SINCE.search(query.standalone)
    other_year = since is not None and city.year != int(since["year"])
    subdivisions = _subdivisions(query)
    elsewhere = bool(subdivisions) and not any(lies_in(city, part) for part in subdivisions)
    return too_early or too_late or other_year or elsewhere or bool(countries and city.country not in countries)


def misplaced(query: Query) -> City | None:
    """Return the one city that a question takes for a member of another field, year or country than it is."""
    told = query.standalone
    named = [mention.cities for mention in query.mentions if mention.cities]
    if len(set(named)) != 1 or query.fields[1:]:
        return None
    held = [city for city in named[0] if not query.fields or city.field in query.fields]
    if query.fields and not held:
        before = re.compile(rf"\bdesignated [^.]*{query.fields[0]}")
        wrong = bool(_CLAIMED_FIELD.search(told)) and not any(before.search(city.note) for city in named[0])
    elif year := _CLAIMED_YEAR.search(told):
        wrong = all(str(city.year) != year["year"] for city in named[0])
    else:
        countries = {mention.country for mention in query.mentions if mention.country and not mention.cities}
        titled = bool(query.fields) and bool(_CLAIMED_FIELD.search(told))
        wrong = titled and bool(countries) and all(city.country not in countries for city in named[0])
    return (held or named[0])[0] if wrong and len(held or named[0]) == 1 else None


def last_round(day: str) -> int:
    """Return the year of the last designations before a day; they are made in autumn."""
    year = int(day[:4])
    return year - 1 if len(day) > 4 and int(day[5:7]) < ROUND_MONTH else year


def _rounds(query: Query) -> int:
    """Return how many of the latest rounds a question is about; 0 where it names no number of them."""
    said = _LAST_ROUNDS.search(query.core)
    return int(numbers(said["number"])[0].value) if said else 0


def _superlative(query: Query, scope: Scope) -> Wish:
    if _LAST_ROUNDS.search(query.core):
        return ""
    if _MOST.search(query.core):
        return "most"
    if LEAST.search(query.core):
        return "fewest"
    if _FIRST.search(query.core):
        return "first"
    open_end = scope.period is None or scope.period.spell == "before"
    return "latest" if _LATEST.search(query.core) and open_end else ""


def _asks_which(query: Query) -> bool:
    """Say whether a question asks for names; a bare phrase does: "media arts cities in Asia"."""
    bare = query.kind == "other" and not query.asserted
    return query.wants_list or query.kind in ("list", "where", "when", "who") or bool(_WHICH.search(query.core)) or bare


def _wish(query: Query, scope: Scope, *, asks_which: bool) -> Wish:
    if len(scope.countries) == 1 and _OF_SUBDIVISIONS.search(query.core):
        return "number of subdivisions" if query.kind == "how_many" else "subdivisions"
    of_countries = bool(_OF_COUNTRIES.search(query.core))
    if query.kind == "how_many":
        both = (scope.group or not scope.countries) and CITIES_AND_COUNTRIES.search(query.core)
        return "numbers of cities and countries" if both else "number of countries" if of_countries else "number"
    if asks_which and of_countries:
        return "countries"
    named = _CITIES.search(query.core) or scope.period or query.kind == "who"
    return "cities" if (asks_which or query.asserted) and named else ""


def asks_of_table_alone(query: Query) -> bool:
    """Say whether the asking sentence, whatever is told in front of it, asks nothing but what the table holds."""
    return not _left_in(query.asking, query)


def _left_over(query: Query) -> list[str]:
    """Return the stems of what is asked that neither name a place, a field or a year nor ask what the table holds."""
    told = query.asking != query.core and not _ASKS_TABLE.search(query.asking)
    return _left_in(" ".join((query.core if told else query.asking, *_strange_names(query))), query)


def _left_in(asked: str, query: Query) -> list[str]:
    named = " ".join(query.core[mention.start : mention.end] for mention in query.mentions)
    asked = without_dates(_APPOSITION.sub(" ", FIELD.sub(" ", asked)))
    asked = re.sub(r"\b\w+n['’]t\b", " ", asked)  # "..., isn't it?"
    return [word for word in content_stems(asked) if word not in _TABLE_WORDS and word not in content_stems(named)]


def _strange_names(query: Query) -> list[str]:
    """Return the names in front of a question that the tables do not know: "Since Xanadu is a member, when ..."."""
    told = query.core.removesuffix(query.asking)
    known = {*query.called, *(query.core[mention.start : mention.end] for mention in query.mentions)}
    strange = (name for name in query.names if name not in known and not _is_ours(name))
    return [name for name in strange if re.search(rf"\b{re.escape(name)}\b", told)]


def _unknown_name(query: Query, left: Sequence[str]) -> str:
    """Return the one name whose membership a question asks about, where nothing else is left over; else ''."""
    said = FIELD.sub(" ", query.core[1:])
    names = [match[0] for match in _POSSIBLE_NAME.finditer(said) if not _is_ours(match[0])]
    names = names or [name for name in _strange_names(query) if not _is_ours(name)]
    stems = {stem(word.lower()) for name in names for word in WORD.findall(name)}
    alone = len(names) == 1 and not set(left) - stems
    claimed = _MEMBERSHIP.search(query.core) or _CLAIMED_FIELD.search(query.core)
    return names[0] if alone and claimed else ""


def _is_ours(name: str) -> bool:
    """Say whether a name is that of the Network or of another title, and none of a place."""
    if OTHER_TITLE.search(name):
        return True
    return all(word.lower() in ("unesco", "uccn", "network", "creative", "cities", "city") for word in name.split())


def _cities_meant(query: Query) -> list[City]:
    """Return the cities that a question names; of several of one name, those of the country or field it names too."""
    countries = {mention.country for mention in query.mentions if mention.country and not mention.cities}
    found: list[City] = []
    for mention in query.mentions:
        meant = [city for city in mention.cities if not countries or city.country in countries] or [*mention.cities]
        meant = [city for city in meant if any(lies_in(city, part) for part in _subdivisions(query))] or meant
        if mention.country and _CITY_COUNTRY.search(query.core):
            continue  # Luxembourg, Singapore: the country is asked about
        if len(meant) > 1:
            meant = [city for city in meant if city.field in query.fields] or meant
            meant = [city for city in meant if str(city.year) in query.years] or meant
        found += meant
    return list(dict.fromkeys(found))


def _scope(query: Query, named: Sequence[City]) -> Scope:
    mentions: Sequence[Mention] = query.mentions
    countries = tuple(dict.fromkeys(m.country for m in mentions if m.country and not set(m.cities) & set(named)))
    regions = tuple(dict.fromkeys(m.region for m in mentions if m.region))
    groups = list(dict.fromkeys(m.group for m in mentions if m.group and m.group.cities is None))
    subdivisions = _subdivisions(query)
    homes = {name for part in subdivisions for name in part.countries}
    countries = tuple(name for name in countries if name not in homes)  # Texas in the United States
    if regions or countries:  # beside a region of UNESCO or a country, Africa is the region of UNESCO
        holding = {group.name for group in groups if countries and set(countries) <= set(group.countries)}
        regions += tuple(group.name for group in groups if group.name in REGIONS.keys() - holding)
        groups = [group for group in groups if group.name not in REGIONS and not countries]
    return Scope(
        countries=countries + tuple(name for group in groups for name in group.countries),
        regions=regions,
        fields=query.fields,
        period=_period(query),
        group=enumerated([group.name for group in (*groups, *subdivisions)]) if groups or subdivisions else "",
        subdivisions=subdivisions,
    )


def _subdivisions(query: Query) -> tuple[Group, ...]:
    groups = (mention.group for mention in query.mentions)
    return tuple(dict.fromkeys(group for group in groups if group and group.cities is not None))


def _period(query: Query) -> Period | None:
    """Return the years of designation that a question asks for."""
    core = _OF_A_PAPER.sub(r"\1 of ", query.standalone)  # a claimed year is no longer in the core
    if span := years_between(core):
        return Period("between", *span)
    if match := _SINCE.search(core):
        return Period("since", first=int(match["year"]))
    if match := _AFTER.search(core):
        return Period("after", first=int(match["year"]) + 1)
    if match := _BEFORE.search(core):
        return Period("before", last=int(match["year"]) - 1)
    if match := _UNTIL.search(core):
        return Period("by", last=int(match["year"]))
    stated = [date.iso for date in dates(core) if date.iso[0] != "-"] or ([query.as_of] if query.as_of else [])
    if not stated:
        return None
    all_then = _AFTER_ROUND.search(core) and _WERE_THERE.search(core)
    if not all_then and _JOINED.search(_HELD.sub(" ", core)) and not query.as_of:
        year = int(stated[0][:4])
        return Period("in", year, year)
    return Period("by", last=int(stated[0][:4]) if all_then else last_round(stated[0]))
