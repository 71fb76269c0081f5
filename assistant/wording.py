"""How questions are worded: politeness, kinds, what they ask a value of, and claims turned into questions."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from assistant.cities import Places
from assistant.terms import stem
from assistant.values import dates, numbers, years
from assistant.vocabulary import FIELD, STOP, WORD, Vocabulary, content_stems, field_of, fields_in, names_in

Kind = Literal["when", "how_many", "money", "contact", "who", "where", "list", "process", "definition", "other"]

Value = Literal["date", "number", "money", "email", "phone", "url", "address", "name", "field"]

_FIELD_CITY = re.compile(rf"\b(?:{FIELD.pattern}) (?:member )?(?P<noun>city|cities|title)\b", re.IGNORECASE)

_CONTACT = re.compile(
    r"\be-?mails?\b|\bmail\b|\bmailbox\b|\bphone|\btelephone\b|\bcontact\w*\b|\bget in touch\b"
    r"|\breach out\b|\b(?:street|postal|web) ?address"
    r"|\bwebsite\b|\bweb ?(?:site|page)\b|\burl\b|\blinks?\b(?!ed)|\bwhom? (?:should|can|do|could|must) (?:we|i) "
    r"(?:write|address|adress|ask|talk|speak|turn)\b|\baddress\b",
    re.I,
)

_NO_CONTACT = re.compile(
    r"\b(?:section|part|point) \d|\bas contacts\b"
    r"|\b(?:on|to|onto|for) (?:our|my|a|an|its|their) (?:own )?web ?(?:site|page)\b"
    r"|\bhow many\b|(?<!phone )\bnumber of\b|\bsubject (?:line)?\b|\b(?:by|via|through|per|still by) (?:e-?)?mail\b",
    re.I,
)

_WHEN = re.compile(
    r"^\W*(?:and |so |since |until |till |by )?when\b|\bwhen (?:did|was|is|were|will|does|do|has|can|exactly|the)\b"
    r"|\bwhen\W*$|\b(?:what|which|exact|release|closing|opening) (?:dates?|days?|years?|months?)\b|\bsince when\b"
    r"|\b(?:until|till) (?:when|what|which)\b|\bby (?:when|(?:what|which) (?:\w+ )?(?:date|day|month|year|time))\b"
    r"|\bdead ?lines?\b|\bhow (?:long ago|old)\b"
    r"|\byears?\b.{0,25}\b(?:became|joined|founded|created)\b"
    r"|\bclosing date\b|\bdate of\b|\bhow long\b|\bwhich years?\b|\bon what\b.{0,8}\bdays?\b",
    re.I,
)

_HOW_MANY = re.compile(
    r"\bhow (?:many|often)\b|(?<!\bset )(?<!\bcertain )(?<!\bfixed )\bnumbers? of\b|\bcount of\b"
    r"|\bhow much\b|\bwhat (?:share|percentage|proportion|part)\b|\bpercent(?:age)?\b"
    r"|\bhow (?:big|large|high)\b|\b(?:the )?figures? (?:for|of)\b|\bamount of\b|\bsize of\b"
    r"|\btotal (?:number )?of\b|\btarget\b|\bin total\b",
    re.I,
)

_MONEY = re.compile(
    r"\bcosts?\b|\bfees?\b|\bprices?\b|\bpay(?:s|ment|ments)?\b|\bbudgets?\b|\brevenues?\b|\bincomes?\b"
    r"|\bearn\w*\b|\bworth\b|\bsales\b"
    r"|\bhow much\b.*\b(?:paid|spen[dt])\b"
    r"|\bmoney\b|\bturnover\b|\bcharge[sd]?\b|\b(?:in|us) dollars\b|\bfunding\b|\bexpensive\b",
    re.I,
)

_WHO = re.compile(r"\bwho\b|\bwhose\b|\bwhom\b|\bwhich (?:person|organi[sz]ation|body|bodies|institution)s?\b", re.I)

_WHERE = re.compile(r"\bwhere\b|\blocation\b|\bvenue\b|\bin (?:which|what) (?:place|city|country)\b", re.I)

LIST = re.compile(
    r"\blists?\b|\b(?:which|what) (?:are|were)\b|\bname (?:the|all|every)\b|\ball (?:the|of)\b|\bevery\b"
    r"|\bplease name\b"
    r"|\b(?:which|what)(?: \w+){0,3}? (?!does\b|this\b|has\b)(?:\w{3,}(?<![siu])s|people)\b|\bkinds? of\b"
    r"|\bsorts? of\b|\btypes? of\b"
    r"|\b(?:aims|objectives|goals|plans|tasks|measures|examples|activities|programme|requirements|steps"
    r"|names|fields)\b",
    re.I,
)

_PROCESS = re.compile(
    r"\bhow (?:do|does|can|could|should|must|to|did|is|are)\b|\bsteps?\b|\bprocedure\b|\bprocess\b"
    r"|\btime ?(?:line|table)\b|\bcalendar\b"
    r"|\bwhat (?:must|should|do|does) (?:we|i|a city|the city|cities|an applicant|a candidate)\b|\brequire\w*\b",
    re.I,
)

_DEFINITION = re.compile(
    r"\b(?:stands?|short) for\b|\bwhat (?:is|are|do|does|was)\b.*\bmean|\bmeaning of\b|\babbreviation\b",
    re.I,
)

_WHICH_FIELD = re.compile(
    r"\b(?:which|what) (?:creative )?(?:field|kind of (?:creative )?city|category)\b|\bcreative cit(?:y"
    r"|ies) of (?:what|which)\b"
    r"|\bknown (?:for )?in the UNESCO|\bcit(?:y|ies) of what\b",
    re.I,
)

PURPOSE = re.compile(
    r"\bwhat(?:['’]s| is| are) (?P<subject>(?!(?:it|that|this|they|he|she)\b)[\w ]+?) (?:good )?"
    r"(?<!short )(?<!stand )for\b\W*$",
    re.I,
)

# Two counts in one, and a count of several rounds.
CITIES_AND_COUNTRIES = re.compile(r"\bcities\b.*\band\b.*\bcountries\b|\bcountries\b.*\band\b.*\bcities\b", re.I)
_BETWEEN = re.compile(
    r"(?P<first>20\d\d)\s*(?:-|–|(?:up )?(?:to|until|till|through)(?: and including)?)\s*(?P<last>20\d\d)"
    r"|\bbetween (?P<one>20\d\d) and (?P<two>20\d\d)",
    re.I,
)
SUMMED = re.compile(
    r"20\d\d\b.*\b20\d\d\b.*\b(?:together|altogether|in total|combined|in all|added up|in sum)\b|\bthe sum\b", re.I
)

LEAST = re.compile(
    r"\b(?:fewest|(?<!at )least|smallest|lowest|tiniest)\b", re.I
)  # and so not what the most is asked of

# How large a country or a city is stands in no table; how many cities a country has does.
BY_SIZE = re.compile(
    r"\b(?:smallest|largest|biggest|tiniest)(?: (?!number\b)[\w-]+)? (?:country|nation|city|town|place|member)\b"
    r"(?!.*\b(?:by|number|how many)\b)",
    re.I,
)

# That a city was not taken: neither the table nor a count of members tells of it.
REFUSED = re.compile(
    r"\b(?:fail(?:s|ed|ing)?|reject\w*|refus\w+|turned down|unsuccessful\w*|lost out|lose out|losers?|miss(?:ed)? out"
    r"|not (?:be |been )?(?:select|chos|pick|accept|admit|designat|taken)\w*)\b",
    re.I,
)

# "How many of us can get in?" asks for a rule, and not for members; who will get in stands in no table.
MAY_BE = re.compile(
    r"(?:\bhow many\b[^.?!]* (?:can|may|could|might)"
    r"|\b(?:how many|which|what)\b[^.?!]* (?:will|(?:are|is) (?:going )?to)) (?:\w+ )?"
    r"(?:win|get in|join|apply|enter|make it"
    r"|be (?:admitted|accepted|chosen|designated|named|taken|put forward|nominated))\b",
    re.I,
)

# "Which countries have only one city?" counts the countries by their cities.
SO_MANY_EACH = re.compile(
    r"\b(?:countries|states|nations)\b.*\b(?:only|just|exactly|at least|more than|fewer than|less than) "
    r"(?:an?|one|two|three|four|five|six|ten|\d+|a single) (?:\w+ )?(?:cit(?:y|ies)|members?|towns?)\b",
    re.I,
)

# That something is not so, in a question or a text.
_NEGATED = re.compile(
    r"\b(?:not|no|none|never|without|neither|nor|except\w*|lack\w*|missing|outside|absent)\b|n['’]t\b", re.I
)
# What behind a negation turns nothing round, or tells only what was so once, or in passing.
_HARMLESS = re.compile(
    r"\bno [\w ]+ (?:before|until then)\b|, (?:none|not one) of (?:them|which)\b|\bwhether or not\b|\bor not\b"
    r"|\bnot stated\b|\bif not\b|\bno (?:later|more|longer|fewer|less)\b|,\s*\w+n['’]t \w+",
    re.I,
)


def is_negated(text: str) -> bool:
    """Say whether a question asks for what is not so: "Which countries have no member city?"."""
    return bool(_NEGATED.search(_HARMLESS.sub(" ", text)))


# What happens, by the words that tell it: a text about another sort of event does not say when this one was.
_EVENTS = (
    re.compile(
        r"\bleav(?:e|es|ing)\b|\bleft\b|\bremov|\bwithdr|\bexpel|\bquit\b|\bdissol|\bdisband|\babolish"
        r"|\blost?e? the title",
        re.I,
    ),
    re.compile(
        r"\bfound(?:ed|ing|ation)|\bestablish|\bcreat(?:ed|ion)|\bset up|\bexist|\bbegan|\binstitut(?:ed"
        r"|ing)|\bborn\b|\bstart(?:ed)? (?:with|as)",
        re.I,
    ),
    re.compile(
        r"\bjoin|\bmember\b|\bdesignat|\badmit|\btitle\b|\benter(?:ed)?\b|\brecogni[sz]ed|\bbecame\b|\bbecome",
        re.I,
    ),
    re.compile(
        r"\bdeadline|\bclos(?:e|ed|es|ing)\b|\bfinish|\bcomplet|\bend(?:s|ed)?\b|\bover\b|\bsubmi"
        r"|\baccept|\buntil|\blatest\b",
        re.I,
    ),
    re.compile(r"\bopen(?:s|ed|ing)?\b|\bcall for appl|\blaunch", re.I),
    re.compile(
        r"\bresults?\b|\bnew (?:uccn |creative )*cit|\bannounce|\blist\b|\bpublish|\bmade public"
        r"|\breveal",
        re.I,
    ),
    re.compile(r"\bw[io]n(?:s|ner|ners|ning)?\b|\bawarded to\b|\blaureate|\breceived\b", re.I),
    re.compile(r"\btake place|\btook place|\bheld\b|\borgani[sz]ed|\bset for|\bsummits?\b|\bedition", re.I),
)


@lru_cache(maxsize=5_000)
def events_in(text: str) -> tuple[int, ...]:
    """Return which sorts of event a text tells of, by number."""
    return tuple(number for number, event in enumerate(_EVENTS) if event.search(text))


# "Who was director when it was printed?" asks for no date.
_WHILE = re.compile(
    r"(?<=\w)\s+when (?=the\b|\w+ (?:was|were|is|are|had)\b)(?<!\bknow when )(?<!\btell me when ).*", re.I
)

_COUNT_OF = re.compile(
    r"\b(?:how many(?: of the)?|numbers? of|count of|total of|figures? (?:for|of)(?: the)?"
    r"|amount of)\s+(?P<noun>[^?,.;:()]+)",
    re.I,
)

LINE_OF_CHANGE = re.compile(
    r"\b(?:grow|grew|grown|growth|develop|developed|evol\w*|chang\w*|over time|through the years"
    r"|over the years|by year|years? by years?|history)\b",
    re.I,
)

ASSERTED = re.compile(
    r"\b(?:is|was|are|were) (?:this|that|it) (?:still )?(?:correct|right|true|so|valid)\b|\bstill (?:right"
    r"|correct|true|valid)\b"
    r"|,? (?:right|correct|true|is that so)\s*\?|,\s*(?:is|are|was|were|has|have|does|do|did)n['’]t (?:it"
    r"|they|he|she|there)\b"
    r"|^(?:is|are|was|were|has|have|does|do|did) ",
    re.I,
)

FOUNDED_IN = re.compile(
    r"(?P<subject>(?:the )?[A-Z][\w ]+?|the [\w ]+?) (?:was|were|is|has been) (?P<verb>created|founded"
    r"|established|launched|set up|started)"
    r" in (?:19|20)\d{2}\b(?!\W*$)",
)

FOUNDED_BY = re.compile(
    r"\b(?:did|does) (?P<who>.+?) (?P<verb>create|found|establish|launch|set up"
    r"|start) (?P<subject>.+?) (?:only |already |just )?"
    r"(?:in|since) (?:19|20)\d{2}\b",
    re.I,
)
_LEAD_IN = re.compile(
    r"^(?:(?:hello|hi|dear [\w ]+|good (?:morning|day|evening)|hey|please|thanks?|thank you)[\s,.!:-]+)+|"
    r"^(?:and|so|then|ok|also|but|well)[\s,]+|^back (?=(?:in|on|at) )|"
    r"^(?:[^\s?!.,:;]+ ){1,7}here(?:\s*[,:;–-]|\.)\s+|"
    r"^(?:could|can|would|will) (?:you|someone|anybody) (?:please |kindly |pls )*(?:tell|give|explain|say"
    r"|name|list|show|let|enumerate|describe|share|provide|send|clarify|specify|indicate|remind|confirm|check|walk"
    r"|help|find(?: out)?|sum up|summari[sz]e)"
    r"(?: (?:me|us|to us|to me))?(?: know| understand| through)?(?: to us| for us| please)? |"
    r"^(?:i|we) (?:would|['’]d) like to know |^(?:i|we) (?:need|want|wish)(?: to (?:know|have|understand))? |"
    r"^(?:i|we) (?:am|are)(?: very)? (?:curious|interested|wondering)(?: to know)? |"
    r"^(?:please |kindly |pls )+|^(?:tell|give) (?:me|us) |^do you (?:know|have) |^(?:i|we) wonder "
    r"|^(?:our|the|my) (?:mayor|boss|director|council|team|office|colleagues?)"
    r" (?:asks?|wants? to know|would like to know|(?:is|are) (?:asking|arguing|fighting|wondering|in doubt|not sure))"
    r"(?: (?:about|over) (?:it|this|that))?[\s,:;–-]+",
    re.I,
)

_EXCLUDED = re.compile(
    r"\s*\((?:and )?not [^)]*\)|,\s*(?:and )?not (?:only|just|the|its|those|what|how)\b[^?,.]*", re.I
)
# What is to come: a plan or target is no state of today, and the other way round.
FUTURE = re.compile(
    r"\b(?:targets?|plans? to|planned|aims? (?:to|at)|wants?|will|shall|is to|are to"
    r"|proposed to|future|hopes? to|next|upcoming"
    r"|expect(?:s|ed)?|estimated)\b"
    r"|\b(?:by|until|till) (?:the end of )?(?:20[2-9]\d)\b",
    re.I,
)
ATTRIBUTE = re.compile(
    r"\W*(?:and )?(?:what|which|when|who) (?:is|was|are|were) the (?P<attribute>[\w -]+?) of (?P<rest>(?:the )?.+)",
    re.I,
)
_TAIL = re.compile(
    r"[\s,]*(?:,? (?:we|i)(?: (?:are|am|live|work|come)|['’](?:re|m)) [^?,.!]*"
    r"|\W+(?:(?:i|we) (?:ask|am asking|are asking)|(?:i['’]m |we['’]re |just )?asking) (?:because|since|as)\b.*"
    r"|,? please|,? pls|,? thank you|,? thanks|,? in a few words|,? can you[^?]*)[\s.?!]*$",
    re.I,
)


# Where a question says in which document it wants the answer looked up; the document's date stays a condition.
IN_DOCUMENT = re.compile(
    r",? *(?<!\w)(?:(?:according to|in|from|as) |when )(?:the|this|that|your|its)(?: [\w'’-]+){0,3}?"
    r" (?:leaflet|brochure|flyer|booklet|article|news story|web ?page|document|text|note|release|report)s?\b"
    r"(?: (?:of|from|for|on) (?:the )?(?:\w+ )?(?:19|20)\d{2}(?: \w+)?)?(?: (?:was|were) (?:printed"
    r"|published|written|made|released)| (?:says?|tells?)(?: it| us)?)?",
    re.I,
)
QUESTION_WORD = re.compile(
    r"^(?:(?:in|on|at|by|from|since|until|to|for|of|under) )?(?:what|which|who|whom|whose|when|where|why|how)\b",
    re.I,
)


def city_of_field(text: str) -> str:
    """Write "design city" and "the design title" as the Network does: City of Design."""

    def title(match: re.Match[str]) -> str:
        field = field_of(match)
        return f"{'Cities' if match['noun'].lower().endswith('ies') else 'City'} of {field}"

    return _FIELD_CITY.sub(title, text)


_ASKS = (
    r"(?:who|whom|whose|what|when|where|which|why|how|by when|until when|since when|in which|in what|on what|to whom"
    r"|is it|is there|are there|does|do we|do they|did|can|may|must|was it|were they)\b"
)
# "What settled it, when two cities came out level?" asks for no time.
_WHILE_SO = r"when (?!(?:is|are|was|were|do|does|did|will|would|can|could|must|should|may|has|have|had|exactly)\b)"
_NEXT_PART = re.compile(
    rf"(?<=[^\W_])\?\s+(?=\w)|[,;:]?\s+(?:and|but|or(?! (?:can|may|must|does|do|did|is|was|are|were)\b))\s+(?={_ASKS})"
    rf"|[,;:]\s+(?={_ASKS})(?!{_WHILE_SO})"
    r"|[,;:]\s+and\s+(?=(?:the )?(?:number|total|size|date|deadline|result)\b)",
    re.I,
)
# "If a shop wants to sell mugs, whose permission ...": what stands in front of the comma is no question.
_CONDITION = re.compile(
    r"(?:^|(?<=[.!?])\s)\s*(?:(?:and|but|so|or) )?(?P<condition>(?:if|once|in case|suppose|now that"
    r"|when (?:[^\W\d]\S* ){1,4}?(?:won|lost|joined|left|became|hosted|applied|met|gathered|came|got))\b[^.!?]*"
    r"|(?P<time>(?:(?:right |just |shortly )?(?:after|before)|as of|until|since|during|in|at|on)\b"
    r"(?! (?:what|which|how|whom)\b)[^.!?]*))$",
    re.I,
)
# "Writing a piece on how fast it grew.": what somebody is at asks nothing.
_IS_AT = re.compile(
    r"\W*(?:(?:i|we)(?:['’]m| am|['’]re| are) )?(?:just |currently |still )?"
    r"(?:writing|doing|working|preparing|drafting|making|researching|updating)\b"
    r"(?! to (?:ask|know|learn|find|see))[^?]*\.",
    re.I,
)
# "That man who looked into it, how many ...?": who is meant is told.
_WHO_IS_MEANT = re.compile(
    r"\W*(?:that|this|those|these|the|an?|our|my|some)\b"
    r"(?: (?!when|where|how|what|why|who|which)\S+){1,5} (?:who|which)\b(?: (?!when|where|how|what|why)\S+)+",
    re.I,
)
_WHICH_DAY = re.compile(
    r"\b(?:what|which|exact|precise|calendar) (?:exact |precise |calendar )?(?:days?|dates?)\b"
    r"|\b(?:exactly|precisely) when\b|\bwhen (?:exactly|precisely)\b|\bday and month\b",
    re.I,
)
_WHICH_MONTH = re.compile(r"\bmonth\b", re.I)
# "One card for each Iranian town: how many cards do I print?" asks how many towns there are.
_ONE_EACH = re.compile(
    r"(?:^|(?<=[.!?]))[^.!?]*?\b(?:every|each|all)(?: (?:single )?one)?(?: of)?(?: the)?\s+(?P<set>[^.;:?!]+?)"
    r"(?: (?:by|with|before|to|for) [^,.;:?!]+)?[,.;:?!]*\s+(?:and |so )?how many (?:(?P<unit>[a-z]+) )?"
    r"(?:(?:would|will|do|does|should|must|shall) (?:i|we|they|that|this|it|there|(?:my|our) \w+)"
    r"|is that|are (?:needed|they|there|those))\b[^.;:?!]*\?*",
    re.I,
)
_NO_APOSTROPHE = re.compile(r"\b(did|does|do|is|was|are|has|have|had|would|could|should)nt\b", re.I)
_ONE = re.compile(r"\b(?P<noun>member(?! (?:city|town))|town|place|holder|winner)(?!s|\w)|\b(?P<city>cit)y\b", re.I)
_PLURAL = re.compile(r"\b(cit|countr|categor|part)ys\b", re.I)
_OUR_UNITS = {"cities", "members", "countries", "towns", "fields", "bids", "reports"}  # which are counted themselves
_ACRONYMS = re.compile(r"\b(?:usa|uk|uae|unesco|uccn)\b")
_SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bapprox\.)(?<!\b(?:Mr|Dr|St|No|vs|ca)\.)\s+", re.I
)
_SHORT_IS = re.compile(r"\b(when|where|who|what|how|which)['’]s\b(?! (?:been|got)\b)", re.I)
_IS_ASKED = re.compile(
    rf"\b{_ASKS}|\b(?:number|total|dates?|deadline|last day|maximum|max|minimum|limit|list|names?)\b|\?",
    re.I,
)
# "How many cities of film and how many of music are ...?", "which joined in 2014 and which in 2017?": what stands
# once belongs to both.
_HALF = re.compile(
    r"^(?:how many|which)(?: (?!(?:is|are|was|were|do|does|did|has|have|can|could|may|must|got|get|got)\b)"
    r"[^\W\d]+(?<!ed))+$|^(?:which|what|how many|who) (?:in|on|at|from)\b",
    re.I,
)
_NOTHING_ELSE = re.compile(r"(?:(?:me|us)(?: out| with (?:this|it|something))?)?\W*", re.I)  # of "Can you help me?"
_BARE_COUNT = re.compile(r"(?:and |with )?how many(?: of them)?", re.I)  # "..., and how many?" asks for no more
# "Budget talks today: must we go?"
_BEHIND_COLON = re.compile(
    r"^[^?:]{3,60}: (?P<asks>(?:is|are|was|were|do|does|did|can|could|may|must|should|will|would|has|have|had)\b.*)$",
    re.I,
)
# "The 2020 brochure on what cities did: how many ...": what stands there asks nothing.
_BEFORE_COLON = re.compile(rf"(?!\W*{_ASKS})[^?.!:]{{3,160}}:\s+(?={_ASKS})", re.I)
_LAST_CLAUSE = re.compile(rf"[,:;–-]\s+(?:and |but )?(?P<asks>{_ASKS}.*)$", re.I)
# "For a map of the north I need every Thai member": what is needed is asked for.
_IS_NEEDED = re.compile(
    r"(?:^|\W)(?:(?<!\bdo )(?<!\bdoes )(?:i|we|they|and|just|only|now|still)"
    r" (?:need|want|look for|wonder(?:ed)?)|(?:looking|searching) for"
    r"|to (?:know|find)|(?:i['’]m|am|we['’]re|are) after|^for (?:an?|the|my|our) [^:?]+:)\s+(?P<asks>(?!to\b)\S+\s.*)$",
    re.I,
)
FEW_STEMS = 2  # of an asking sentence that points back to what is told before it
_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|that|this|these|those)\b(?! (?:true|possible|allowed|ok)\b)", re.I
)
MOST_PARTS = 6  # questions of one message that are answered


def as_written(text: str) -> str:
    """Write "didnt" as "didn't", "when's" as "when is", "citys" as "cities" and "usa" as "USA"."""
    text = _SHORT_IS.sub(r"\1 is", _NO_APOSTROPHE.sub(r"\1n't", text))
    return _ACRONYMS.sub(lambda found: found[0].upper(), _PLURAL.sub(r"\1ies", text))


def one_each(text: str) -> str:
    """Write a question how many of something are needed, one for each of a set, as one how many the set has."""

    def counted(match: re.Match[str]) -> str:
        several = _ONE.sub(lambda one: f"{one['noun']}s" if one["noun"] else "cities", match["set"])
        return match[0] if match["unit"] in _OUR_UNITS else f" How many {several} are there?"

    return _ONE_EACH.sub(counted, text).strip()


def _behind(told: str, piece: str) -> str:
    return f"{told}{'' if told[-1] in '.!' else ','} {piece}" if told else piece


# "When did the Network pass 300 members?"
REACHED = re.compile(
    r"\b(?:reach|pass|exceed|cross|hit|surpass|break)\w*(?: through)?(?: the)?(?: (?:mark|number|threshold) of)? "
    r"(?P<number>\d{2,4})\b(?P<of>[^?.!]*)",
    re.I,
)


def years_between(text: str) -> tuple[int, int] | None:
    """Return the first and the last year of a range that a text names: "from 2019 to 2023", "between ..."."""
    said = _BETWEEN.search(text)
    return (int(said["first"] or said["one"]), int(said["last"] or said["two"])) if said else None


def parts_of(text: str) -> list[str]:
    """Return the questions of a message that asks several things, in order; else the message alone.

    What is told before the first of them ("2019 call: how many ..., and how many ...?") goes with each.
    """
    subject = _BEFORE_COLON.match(text)
    told = subject[0].rstrip(": ") if subject else ""
    parts: list[str] = []
    pieces = [part.strip(" ,;:") for part in _NEXT_PART.split(text[len(subject[0]) if subject else 0 :])]
    condition = ""
    for number, piece in enumerate(pieces):
        found = _CONDITION.search(piece) if number + 1 < len(pieces) and not condition else None
        piece, condition = f"{condition}, {piece}" if condition else piece, ""
        if found and (parts or piece[: found.start()].strip() or not found["time"]):  # else a time goes with each
            piece, condition = piece[: found.start()].strip(), found["condition"]
        if _NOTHING_ELSE.fullmatch(strip_lead(piece)):
            continue
        if parts and _BARE_COUNT.fullmatch(piece):
            parts[-1] += f", and {piece}"
        elif (
            _IS_ASKED.search(piece)
            and len(WORD.findall(piece)) > 1
            and not _IS_AT.fullmatch(piece)
            and (parts or not _WHO_IS_MEANT.fullmatch(piece))
        ):
            parts.append(_behind(told, piece))
        elif parts:
            parts[-1] += f", {piece}" if piece else ""
        else:
            told = _behind(told, piece)
    if len(parts) < 2 or any(map(_HALF.search, parts)):
        return [text]
    return parts[:MOST_PARTS]


def core_of(text: str, vocabulary: Vocabulary, places: Places | None = None) -> str:
    """Return the part of a message that asks: without greeting, politeness and what is told about the asker."""
    sentences = [part.strip() for part in _SENTENCE_END.split(text.strip())]
    sentences = [part for part in sentences if not _NOTHING_ELSE.fullmatch(strip_lead(part))]
    if len(sentences) > 1:
        asking = _asking(sentences)
        told = " ".join(part for part in sentences if part not in asking)
        # What is told before the question stays only where it names what the question is about.
        named = places.mentions(told) if places and places.cities else names_in(f"x {told}", vocabulary)
        asked = " ".join(asking)
        points = _HOW_MANY.search(asked) and _POINTS_BACK.search(asked) and len(content_stems(asked)) <= FEW_STEMS
        if asking and not (named or fields_in(told) or years(told) or numbers(told) or points):
            sentences = asking
    core = " ".join(strip_lead(part) for part in sentences)
    return _TAIL.sub("", _EXCLUDED.sub("", core)).strip(" ,") or text


def asking_part(core: str) -> str:
    """Return the sentences and clauses of a core that ask; what is told in front of them only names the subject."""
    sentences = [part.strip() for part in _SENTENCE_END.split(core) if part.strip()]
    asking = " ".join(_asking(sentences)) or core
    clause = _LAST_CLAUSE.search(asking) or _IS_NEEDED.search(asking) or _BEHIND_COLON.search(asking)
    return clause["asks"] if clause and not _IS_ASKED.search(asking[: clause.start()]) else asking


def _asking(sentences: Sequence[str]) -> list[str]:
    return [
        part
        for part in sentences
        if part.endswith("?") or QUESTION_WORD.match(strip_lead(part)) or _HOW_MANY.match(strip_lead(part))
    ]


YES_OR_NO = re.compile(
    r"\W*(?:is|are|was|were|do|does|did|can|could|may|might|must|should|shall|will|would|has|have|had)"
    r"(?:n['’]t)? (?!you\b)",
    re.I,
)


def strip_lead(text: str) -> str:
    before = ""
    while before != text:
        before = text
        text = _LEAD_IN.sub("", text).strip()
    return text


def kind_of(text: str) -> Kind:
    if _CONTACT.search(text) and not _NO_CONTACT.search(text):
        return "contact"
    if _HOW_MANY.search(text) and not re.search(r"\bhow much\b", text, re.I):
        return (
            "money" if _MONEY.search(text) and not re.search(r"\bhow many\b|\bnumber of\b", text, re.I) else "how_many"
        )
    if _MONEY.search(text) and not re.search(r"\bwho\b", text, re.I):
        return "money"
    if re.search(r"\b(?:steps|phases|stages)\b|\btime ?(?:line|table)\b|\bcalendar\b", text, re.I):
        return "process"
    if _WHEN.search(_WHILE.sub("", text)):
        return "when"
    if _HOW_MANY.search(text):
        return "how_many"
    if _WHO.search(text):
        return "who"
    if _WHERE.search(text):
        return "where"
    if _DEFINITION.search(text):
        return "definition"
    if _PROCESS.search(text):
        return "process"
    return "list" if LIST.search(text) else "other"


def needs_of(kind: Kind, text: str) -> tuple[Value, ...]:
    if kind == "contact":
        if re.search(r"phone|\btel\b", text, re.I):
            return ("phone",)
        if re.search(r"\be-?mail\b|\bmail\b", text, re.I):
            return ("email",)
        if re.search(r"\bweb ?|\burl\b|\blinks?\b", text, re.I):
            return ("url",)
        if re.search(r"\baddress\b", text, re.I) and not re.search(r"\bwhom?\b", text, re.I):
            return ("address", "email", "url")
        return ("email", "phone")
    if kind in ("list", "other", "definition") and _WHICH_FIELD.search(text):
        return ("field",)
    if kind == "when" and re.search(r"\bhow long\b", text, re.I):
        return ("date", "number")
    needs: dict[Kind, tuple[Value, ...]] = {
        "when": ("date",),
        "how_many": ("number",),
        "money": ("money",),
        "who": ("name",),
    }
    return needs.get(kind, ())


def exactness(text: str) -> int:
    """Return how many characters of an ISO date a question wants: 10 with the day, 7 with the month, else 0."""
    return 10 if _WHICH_DAY.search(text) else 7 if _WHICH_MONTH.search(text) else 0


def counted_stems(text: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the stems of the noun phrase that a count is asked of, up to its last word that numbers stand before."""
    stems = [stem(word) for word in counted_words(text)]
    while len(stems) > 1 and stems[-1] not in vocabulary.counted and set(stems) & vocabulary.counted:
        stems.pop()
    return tuple(stems)


def counted_words(text: str) -> list[str]:
    """Return up to four words after `how many` or `number of`, up to the verb."""
    match = _COUNT_OF.search(text)
    words: list[str] = []
    for word in WORD.findall(match["noun"]) if match else ():
        key = word.lower()
        if words and (key in STOP or LINE_OF_CHANGE.fullmatch(key)) and key != "people":
            break
        if key not in STOP or key == "people":
            words.append(key)
        if len(words) == 4:
            break
    return words


# "The 2021 form", "the 2025 call": such a year tells which one is meant and claims nothing.
_ATTRIBUTIVE = re.compile(
    r"['’s]*\s+(?!(?:in|on|at|by|from|since|until|to|for|of|and|or|as|with|after|before|already|only|is|was|it)\b)[a-z]"
)


_COMPARES = re.compile(r"\b(?:more|fewer|less)\b.*\b(?:than|or)\b", re.I)


_FIRST = re.compile(
    r"\b(?:first|oldest|newest|latest|last|only) (?:\w+ )?(?:cit(?:y|ies)|members?|countr(?:y|ies))\b", re.I
)


def asked_claim(text: str) -> str:
    """Turn a statement with a value into the question that the value answers, or return ''.

    "The network was created in 2014, is this correct?" -> "When the network was created"
    """
    if _COMPARES.search(text) or _FIRST.search(text):
        return ""
    asserting = next(filter(ASSERTED.search, _SENTENCE_END.split(text)), "")
    text = asserting if len(content_stems(asserting)) > FEW_STEMS else text
    bare = re.sub(r"^\W*(?:is|was) it (?:true|right|correct|so) that ", "", text, flags=re.I)
    bare = ASSERTED.sub(" ", bare).strip(" ,.?")
    bare = re.sub(
        r"^(?:i|we) (?:was|were|have been|am|are)?\s*(?:told|heard|read|think|believe|have)\s+(?:that\s+)?",
        "",
        bare,
        flags=re.I,
    )
    bare = re.sub(
        r"^(?:here )?(?:a|an|the|some) (?:paper|article|website|colleague|book|report) (?:that )?(?:says"
        r"|said|tells|writes) (?:that )?",
        "",
        bare,
        flags=re.I,
    )
    counts = [number for number in numbers(bare) if not number.ordinal and not re.match(r"\s+of\b", bare[number.end :])]
    if counts:
        number = counts[0]
        noun = re.match(r"\s*((?:[^\W\d_]+\s*){1,3})", bare[number.end :])
        if noun:
            subject = bare[: number.start].strip()
            rest = bare[number.end + noun.end() :].strip()
            return f"How many {noun[1].strip()} {subject} {rest}".strip().replace("  ", " ") + "?"
    days = [day for day in dates(bare) if not _ATTRIBUTIVE.match(bare, day.end)]
    if days:
        before = re.sub(r"\b(?:in|on|since|by|from|until|till)\s*$", "", bare[: days[-1].start].strip())
        return f"When {before} {bare[days[-1].end :].strip()}".strip() + "?"
    return ""
