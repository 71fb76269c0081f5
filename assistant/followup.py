"""What a follow-up leaves unsaid: a question rewritten so that it can be read alone."""

import re
from collections.abc import Sequence

from assistant.among import picked
from assistant.cities import Places
from assistant.records import Turn
from assistant.terms import stem
from assistant.values import years
from assistant.vocabulary import FIELD, WORD, Vocabulary, content_stems, fields_in, names_in
from assistant.wording import ATTRIBUTE, QUESTION_WORD, counted_words, events_in, strip_lead

_AGREES = re.compile(
    r"^\s*(?:(?:ok(?:ay)?|right|well|good|great|fine|i see|thanks|thank you|h?m+|ah|oh|yes|yeah)\b[\s,.!;:-]+)+(?=\w)",
    re.I,
)
_FOLLOW_START = re.compile(r"^\s*(?:and|also|what about|how about|then|or|but|so)\b[\s,]*", re.I)

_WHAT_ABOUT = re.compile(
    r"^\s*(?:and\s+)?(?:(?:what|how) about|(?:the )?same(?: question| thing| again)?(?=,? (?:for|in|with)\b),?"
    r"|and|for|in|of|or)"
    r"\s+(?:(?:for|in|of|the|with)\s+)*(?P<what>[^?]+?)\s*\?*$",
    re.I,
)

_COUNTED_OF = re.compile(r"^\s*(?:and\s+)?how many (?:for|in|of|with|from) (?P<what>[^?]+?)\s*\?*$", re.I)
_HOW_MANY = re.compile(r"\bhow many\b|\bnumber of\b", re.I)

_SHARED = r"(?:field|category|discipline|year|round|call|intake|country|nation|state)\b"
POINTS = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|she|his|her|(?<!is )(?<!are )(?<!was )(?<!were )there|one)\b"
    rf"|\b(?:this|that|these|those)\b(?! (?:\w+ and )?{_SHARED})(?: (?:city|town)\b)?",
    re.I,
)
# "May we go on printing the emblem?": it hangs on what happened first.
GOES_ON = re.compile(
    r"\b(?:still|(?:go|goes|going|carry|carrying) on|keep|keeps|keeping|continue[sd]?|any ?more|any longer)\b", re.I
)
FAR_BEHIND = 8  # words of a question in front of a pronoun
_OF_NOTHING = re.compile(
    r"\b(?:does|do|did|is|was|will|would) it\b(?= (?:\w+ ){0,3}to \w)|\bit (?:costs|takes)\b", re.I
)
_PEOPLE = re.compile(r"\b(?:they|you|one|it)\b", re.I)  # "how do they pick the host?"
_NEXT_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_MARKS = re.compile(r"\*\*|\[\d+\]")
MOST_OF_REPLY = 300  # characters of an answer that a follow-up is read behind
_SHARES = re.compile(rf"\b(?:same|this|that|these|those|its|their) (?:\w+ and )?{_SHARED}", re.I)
_SOME_OF_THEM = re.compile(
    r"\W*(?:and )?(?:(?:are|is|were|was) (?:some|any|all|one|many|most|none)|which|how many) of (?:them|these|those)\b"
    r"(?: (?:are|is|were|was|lie|come))? (?P<where>(?:in|from|outside) [^?]+)",
    re.I,
)
_FIELD_OF_THEM = re.compile(
    r"\W*(?:and )?which (?:one )?of (?:them|these|those) (?:is|are|was|were) (?:in |for )?(?:the |an? )?"
    rf"(?P<field>{FIELD.pattern})(?: (?:ones?|city|cities))?",
    re.I,
)
_HOW_WAS_IT = re.compile(
    r"\W*(?:and )?(?:how|what) (?:was|is|were) (?:it|that|this|things)(?: like)? "
    r"(?P<when>(?:before|after|in|until|by|at|as of) [^?]+)",
    re.I,
)
_ROUND_STEP = re.compile(
    r"\W*(?:and )?(?:(?:what|how) about )?(?:for |in |at )?(?:the )?"
    r"(?:(?:one|call|round|intake|edition) (?:just |right )?(?P<way>before|after)(?: (?:that|it|this))?(?: one)?"
    r"|(?P<way2>previous|next) (?:one|call|round|intake|edition)|(?P<way3>before|after) that)\W*",
    re.I,
)
_HAS_ROUNDS = re.compile(r"\b(?:calls?|rounds?|intakes?|editions?|conferences?|cities|members?)\b", re.I)
YEARS_A_ROUND = 2  # between two calls, since that of 2015
_EACH_YEAR = re.compile(r"\bconferences?\b|\bannual\b", re.I)
FIRST_IN_STEP = 2015
_FROM_THERE = re.compile(
    r"\W*(?:and )?(?:(?:who|which|what|anyone|anybody|any|are there any) (?:else|others?)"
    r"|(?:are there |any )?others|(?:is there )?(?:any|an|a) (?:second|further|more|additional|third))"
    r"(?: (?:cit(?:y|ies)|members?|ones?|towns?))?(?: (?:comes?|is|are|joined|was|were))?"
    r"(?: (?:in|(?:members? )?(?:in|of) (?:the|this) network))?"
    r" (?:(?:from|in) )?(?:(?:over )?there|(?:that|this|the same) country)(?: (?:is|are|joined|came) in)?(?: too)?\W*",
    re.I,
)
# "And the architecture ones, who are they?"
_FIELD_ONES = re.compile(
    rf"\W*(?:and )?(?:what about )?(?:the |those )?(?P<field>{FIELD.pattern}) (?:ones|cities|members)"
    r"(?:[,:;–-]* (?:who|which|what) (?:are|were|is) (?:they|those|it|these))\W*",
    re.I,
)
_ANOTHER = re.compile(
    r"\W*(?:and )?(?:is|are|was|were) there (?:another|any others?|others?|any more|a second)"
    r"(?: (?:one|ones|cit(?:y|ies)|members?|towns?))?(?P<where> (?:in|from) [^?]+?)? "
    r"(?:for|of|in|with) (?:that|it|this|the same)(?: (?:field|one|too))?\W*",
    re.I,
)
_CAME_NEXT = re.compile(
    r"\W*(?:and )?(?:which|who|what)(?: ones?| city| cities)? (?:came|joined|was|were|got in|entered)(?: in)?"
    r" (?:just |right )?(?P<way>before|after|next)(?: (?:it|that|this|them|that one))?(?:, the year after)?\W*",
    re.I,
)
_SINCE_WHEN = re.compile(r"\bsince (?:when|what|which)\b", re.I)
_END = re.compile(r"\b(?:first|oldest|earliest|latest|last|newest|most recent(?:ly)?)\b", re.I)
_OTHER_END = re.compile(
    r"\W*(?:and |or )?(?:(?:which|who|what)(?: ones?| city| country)? (?:was|is|were|are|has|have|came) )?(?:the )?"
    r"(?P<end>first|oldest|earliest|latest|last|newest|youngest|most recent|most|fewest|least)(?: ones?)?\W*",
    re.I,
)
_ENDS = (_END, re.compile(r"\b(?:most|fewest|least)\b(?! recent)", re.I))  # of time, of number
_NAMED_COUNT = re.compile(r"\b[A-Z]\w+ (?:has|have|had|got) \d")
_COUNT_ALONE = re.compile(r"\b(?:has|have|had|got) \d+(?=\s*(?:,|\?|$|then\b|too\b|right\b|members?\?))", re.I)

_WHICH_CITIES = re.compile(r"\W*(?:which|what|list|name)\b[^?]*?\b(?P<noun>cities|members|towns)\b", re.I)
_EVENT_NAME = re.compile(r"\b(?:the )?(?:19|20)\d\d (?:call|round|conference|summit|form|edition)\b", re.I)
_OF_CITIES = re.compile(r"\b(?:which|what|how many|list|name)\b.*\b(?:cities|members|towns)\b", re.I)
_VERB = re.compile(r"\b(?:does|do|did|has|have|had|will|would|is|are|was|were|can)\b", re.I)
_YEAR_STEP = re.compile(
    r"\b(?:(?P<count>one|two|three|four|a|\d)\s+)?years?\s+(?P<way>later|after|earlier|before)\b"
    r"|\bthe\s+(?:year\s+(?P<way2>after|before)|(?P<way3>next|previous)\s+year)\b",
    re.I,
)


_HAPPENS = re.compile(r"\s+(?:be|(?:be )?held|take place|happen|open|close)$", re.I)  # "the 2026 annual conference be"
_ONE_IN_STEP = re.compile(r"\W*(?:and )?(?:(?:what|how) about )?(?:the one |that of )", re.I)
_ONE_OF_YEAR = re.compile(r"\bthe (?P<year>(?:19|20)\d\d) one\b", re.I)  # "the 2026 one"
_THE_COUNTRY = re.compile(r"\bthe (?:whole )?country(?P<whose>['’]s)?\b(?! of\b)", re.I)
_NEXT_ONE = re.compile(r"\b(?:the )?(?:next|previous|following) one\b", re.I)  # beside the year in which it was
_IS_THERE = re.compile(r"\W*(?:(?:does|do|did|has|have) .+ (?:an?|any|another)|(?:is|are|was|were) there)\b", re.I)

# "When did New Orleans hand in its bid": the talk is about New Orleans; "what was Brazil's deadline for 2025": of that.
_OF_A_TIME = re.compile(r"\b(?:deadlines?|dates?|days?|closing)\b", re.I)  # whose value is no subject of a talk
_SUBJECT = re.compile(
    r"(?i:when|where|why|how|since when|in which year) (?:did|does|do|has|have|had|was|is|were|are|will) "
    r"(?P<subject>(?:the )?[A-Z][\w'’-]*(?<!['’]s)(?: [A-Z][\w'’-]*(?<!['’]s))*)(?= [a-z])"
    r"|(?i:what|which|when) (?:was|is|were|are) (?P<attribute>[A-Z][\w-]*['’]s? [^?]+)"
)
# "What is Wellington's creative field?": the talk is about Wellington.
_WHOSE_FIELD = re.compile(r"(?P<bearer>.+?)['’]s? (?:creative )?(?:field|category|discipline|title|designation)", re.I)


def standalone_question(
    question: str, history: Sequence[Turn], vocabulary: Vocabulary, places: Places | None = None
) -> str:
    """Rewrite a follow-up so that it can be read alone; a question that names its subject stays as it is."""
    previous, reply = last_said(history, vocabulary, places)
    if places:
        question = picked(question, history, places)
    return _rewrite(question, previous, reply, vocabulary, places) if previous else question


def last_said(history: Sequence[Turn], vocabulary: Vocabulary, places: Places | None = None) -> tuple[str, str]:
    """Return the last question of a talk, rewritten so that it can be read alone, and the answer to it."""
    previous = ""
    reply = ""
    for turn in history:
        if turn.role == "user":
            previous = _rewrite(turn.content, previous, reply, vocabulary, places) if previous else turn.content
            reply = ""
        else:
            reply = turn.content
    return previous, reply


def said_alone(question: str) -> str:
    """Return a follow-up without the words that join it to what was said; '' where it points back: "its", "of them".

    What a pronoun far behind means stands in the question itself.
    """
    bare = _FOLLOW_START.sub("", _AGREES.sub("", question)) or question
    said = _OF_NOTHING.sub(lambda found: "-" * len(found[0]), bare)
    pronoun = POINTS.search(said) or _SHARES.search(said) or _THE_COUNTRY.search(said)
    return "" if pronoun and len(WORD.findall(bare[: pronoun.start()])) < FAR_BEHIND else bare


def readings_behind(question: str, previous: str, reply: str) -> list[str]:
    """Return a follow-up behind the question and behind the answer before it.

    One that only a word for people, "they" or "you", may join to them is read as it stands, too.
    """
    bare = _FOLLOW_START.sub("", _AGREES.sub("", question)) or question
    readings = [f"{previous.rstrip(' ?')}, and {bare}"]
    if said := _MARKS.sub("", reply).strip():
        readings.append(f"{' '.join(_NEXT_SENTENCE.split(said)[:2])[:MOST_OF_REPLY]} {bare}")  # "No.", and why
    of_people = _PEOPLE.sub("", bare)
    return [*readings, bare] if of_people != bare and said_alone(of_people) else readings


def carried_on(part: str, first: str, vocabulary: Vocabulary, subjects: Sequence[str]) -> str:
    """Complete a later question of a message by what the first one is about, unless it names a subject of its own.

    `subjects` are the places that the first one names.
    """
    meant = _EVENT_NAME.search(first)
    subject = meant[0] if meant else subjects[0] if subjects else ""
    pronoun = POINTS.search(part)
    if subject and pronoun:
        return POINTS.sub(lambda match: _instead(match[0], subject), part, count=1)
    if subject and not content_stems(part):
        return f"{part.rstrip(' ?')} ({subject})?"  # "and since when?"
    if years(part) or fields_in(part) or names_in(f"x {part}", vocabulary):
        return part
    return standalone_question(part, [Turn("user", first)], vocabulary)


def _rewrite(question: str, previous: str, reply: str, vocabulary: Vocabulary, places: Places | None) -> str:
    question = _AGREES.sub("", question)
    step = _YEAR_STEP.search(question)
    known_years = years(previous) or years(reply)
    if step and known_years and not content_stems(_NEXT_ONE.sub("", _YEAR_STEP.sub("", question))):
        return _put_year(previous, known_years, _stepped(known_years[-1], step))
    if known_years and step and (leads := _ONE_IN_STEP.match(question)) and leads.end() == step.start():
        stepped = _put_year(previous, known_years, _stepped(known_years[-1], step))
        return f"{stepped.rstrip(' ?')}, {question[step.end() :].lstrip(' ,')}"
    of_year = _ONE_OF_YEAR.search(question)
    if of_year and years(previous) and question.split()[0].lower() == previous.split()[0].lower():
        return _put_year(previous, years(previous), of_year["year"])
    topic = _topic(previous, reply, vocabulary, places)
    whole = _THE_COUNTRY.search(question)
    if whole and places and (home := _country(f"{previous} {reply}", places)):
        placed = f"{question[: whole.start()]}{home}{whole['whose'] or ''}{question[whole.end() :]}"
        return _with_noun(_FOLLOW_START.sub("", placed), previous)
    if topic and (another := _ANOTHER.fullmatch(question)):
        return f"Which other cities{another['where'] or ''} have the same field as {topic}?"
    if carried := _conditions_added(question, previous, reply):
        return carried
    if ones := _FIELD_ONES.fullmatch(question):
        return f"Which are the cities of {fields_in(ones['field'])[0]}?"
    if topic and _FROM_THERE.fullmatch(question):
        return f"Which other cities of the same country as {topic} are members?"
    if _SHARES.search(question) and topic:
        return f"{_FOLLOW_START.sub('', question).rstrip(' ?')} ({topic})?"
    about = (_HOW_MANY.search(previous) and _COUNTED_OF.match(question)) or _WHAT_ABOUT.match(question)
    if about and len(WORD.findall(about["what"])) <= 5 and not QUESTION_WORD.match(about["what"]):
        named = POINTS.search(about["what"]) and places and _country(about["what"], places)
        swapped = _swap(previous, named or about["what"], vocabulary)  # "their neighbours the Austrians"
        if swapped:
            return swapped
    completed = _with_noun(question, previous)
    if completed != question and _NAMED_COUNT.search(question):
        return completed
    question = _with_noun(question, previous)
    other = re.fullmatch(r"\s*(?:and\s+|or\s+)?how many\s+(?P<noun>[\w -]{2,40}?)\s*\?*", question, re.I)
    if (
        other
        and not _VERB.search(other["noun"])
        and (counted := counted_words(previous))
        and not names_in(other["noun"], vocabulary)
    ):
        phrase = r"\W+".join(map(re.escape, counted))
        swapped = re.sub(rf"\b{phrase}\b", other["noun"], previous, flags=re.I)
        if swapped != previous:
            return swapped
    names = names_in(question, vocabulary)
    bare = _FOLLOW_START.sub("", question) or question
    pronoun = POINTS.search(bare)
    there = pronoun and pronoun[0].lower() == "there" and not names
    if pronoun and there and places and (home := _only_country(previous, places)):
        return bare.replace(pronoun[0], f"in {home}")
    if pronoun and topic and not names:
        pointed = POINTS.sub(lambda match: _instead(match[0], topic), bare, count=1)
        return pointed[0].upper() + pointed[1:]
    own_place = bool(names) or bool(places and places.mentions(question))  # "Which US state ...": no name by its shape
    short = len(content_stems(bare)) <= 4 and not _names_its_own(bare)
    if (bare != question or pronoun or (short and not own_place)) and (topic or previous):
        missing = [word for word in _topic_words(previous, vocabulary) if word.lower() not in bare.lower()]
        if missing:
            return f"{bare[0].upper() + bare[1:].rstrip(' ?')} ({' '.join(missing)})?"
    return question


def _names_its_own(question: str) -> bool:
    """Say whether a short question is about a call, or cities of a field, that it names itself."""
    return bool(_EVENT_NAME.search(question) or (_OF_CITIES.search(question) and fields_in(question)))


def _conditions_added(question: str, previous: str, reply: str) -> str:
    """Return the previous question with the place, the time or the call that a follow-up adds; else ''."""
    before = previous.rstrip(" ?.")
    if some := _SOME_OF_THEM.fullmatch(question.rstrip(" ?")):
        if re.match(r"\W*(?:and )?how many\b", question, re.I):
            before = re.sub(r"^(?:which|what)\b", "How many", before, flags=re.I)
        return f"{before} {some['where']}?"
    if of_field := _FIELD_OF_THEM.fullmatch(question.rstrip(" ?")):
        return f"{before} of the field of {', '.join(fields_in(of_field['field']))}?"
    if was := _HOW_WAS_IT.fullmatch(question.rstrip(" ?")):
        return f"{before} {was['when']}?"
    told = years(reply.split("\n")[0])
    if (step := _CAME_NEXT.fullmatch(question)) and len(told) == 1 and _END.search(previous):
        return f"{before} {'before' if step['way'].lower() == 'before' else 'after'} {told[0]}?"
    if other := _OTHER_END.fullmatch(question):
        ends = next((ends for ends in _ENDS if ends.search(other["end"])), _END)
        return ends.sub(other["end"], previous, count=1) if ends.search(previous) else ""
    before_it = re.fullmatch(r"\W*(?:and |but )?(?:what |how )?(?:was (?:it|that) )?before that\W*", question, re.I)
    if before_it and len(told) == 1 and not years(previous) and not _HAS_ROUNDS.search(previous):
        return f"{before} before {told[0]}?"
    known = years(previous) or told
    if (step := _ROUND_STEP.fullmatch(question)) and len(known) == 1:
        back = (step["way"] or step["way2"] or step["way3"]).lower() in ("before", "previous")
        yearly = bool(_EACH_YEAR.search(previous))
        year = int(known[0]) + (-1 if back else 1) * (1 if yearly else YEARS_A_ROUND)
        return _put_year(previous, known, str(year)) if yearly or year >= FIRST_IN_STEP else ""
    return ""


def _with_noun(question: str, previous: str) -> str:
    """Put the noun of the last count behind a "how many", or a number, that has none: "how many does it want" """
    bare = re.search(rf"\bhow many(?=\s+(?:{_VERB.pattern}))", question, re.I)
    counted = counted_words(previous)
    if not counted and (listed := _WHICH_CITIES.match(previous)):
        counted = [listed["noun"]]
    if counted and (alone := _COUNT_ALONE.search(question)):
        return f"{question[: alone.end()]} {' '.join(counted)}{question[alone.end() :]}"
    return question[: bare.end()] + f" {' '.join(counted)}" + question[bare.end() :] if bare and counted else question


def _stepped(year: str, step: re.Match[str]) -> str:
    way = (step["way"] or step["way2"] or step["way3"]).lower()
    count = {"one": 1, "a": 1, "two": 2, "three": 3, "four": 4, None: 1}.get(
        step["count"].lower() if step["count"] else None
    )
    if count is None:
        count = int(step["count"])
    return str(int(year) + (count if way in ("later", "after", "next") else -count))


def _put_year(previous: str, known: Sequence[str], year: str) -> str:
    if years(previous):
        return previous.replace(years(previous)[-1], year)
    return f"{previous.rstrip(' ?')} in {year}?"


def _swap(previous: str, what: str, vocabulary: Vocabulary) -> str:
    """Put `what` in the place of the thing of its own sort in the previous question, or return ''."""
    if spoken := years(what):
        return _put_year(previous, years(previous), spoken[0])
    if (field := fields_in(what)) and fields_in(previous):
        return FIELD.sub(field[0], previous, count=1)
    found = names_in(previous, vocabulary)
    asked = names_in(f"x {what}", vocabulary)
    if found and (asked or what[0].isupper()) and not fields_in(what):
        return re.sub(rf"\b{re.escape(found[-1])}\b", what, previous, count=1, flags=re.I)
    return ""


def _topic(previous: str, reply: str, vocabulary: Vocabulary, places: Places | None) -> str:
    """Return what the talk is about: the name that the last answer gave, else the subject of the last question."""
    asked = names_in(previous, vocabulary)
    core = strip_lead(previous).rstrip(" ?.")
    told = _SUBJECT.match(core)
    if told and _OF_A_TIME.search(told["attribute"] or ""):
        return told["attribute"]
    if told and (whose := _WHOSE_FIELD.fullmatch(told["attribute"] or "")):
        return whose["bearer"]
    confirmed = _IS_THERE.match(previous) and re.match(r"\W*yes\b", reply, re.I)
    attribute = ATTRIBUTE.match(core)
    of_a_time = attribute and _OF_A_TIME.search(core[: attribute.start("rest")])  # "midnight Central European Time"
    named = re.match(r"\s*(?:and\s+)?(?:which|who|what)\b", previous, re.I) and not of_a_time
    if reply and (confirmed or named):
        sentence = _NEXT_SENTENCE.split(reply.strip())[0]
        if places and (city := _only_city(sentence, places)) and not _only_city(previous, places):
            return city
        given = [name for name in names_in(f"x {sentence}", vocabulary) if name not in asked]
        if given and places and _only_city(previous, places) in asked and not _only_city(given[0], places):
            given = []  # "Kraków (Poland)": the talk stays with the city
        if given:
            return given[0]
    if attribute:
        return attribute["rest"]
    if told:
        return told["subject"] or told["attribute"]
    if not asked and (event := _EVENT_NAME.search(core)):
        return event[0]
    match = re.search(r"\b(?:the|a|an)\s+(?:[^\W\d_]+\s+){0,4}?(?=(?:\w+\s+)*\w+$)[^?]*", core, re.I)
    if match and asked and any(name.lower() in match[0].lower() for name in asked):
        phrase = re.split(r"\s+(?:in|on|at|of|for|take|took|held|be)\s+", match[0])[0]
        if any(name.lower() in phrase.lower() for name in asked):
            return phrase
    return asked[0] if asked else (_HAPPENS.sub("", match[0]) if match else "")


def _country(text: str, places: Places) -> str:
    """Return the one country that a text names or whose cities it names, or ''."""
    named = {
        country
        for mention in places.mentions(text)
        for country in (mention.country, *(city.country for city in mention.cities))
        if country
    }
    return named.pop() if len(named) == 1 else ""


def _only_city(text: str, places: Places) -> str:
    """Return the one city that a text names, in its words, or ''."""
    named = [text[mention.start : mention.end] for mention in places.mentions(text) if mention.cities]
    return named[0] if len(set(named)) == 1 else ""


def _only_country(text: str, places: Places) -> str:
    """Return the one country that a text names, in its words, where it names no city; or ''."""
    named = {text[mention.start : mention.end]: mention for mention in places.mentions(text)}
    return next(iter(named)) if len(named) == 1 and all(mention.country for mention in named.values()) else ""


def _instead(pronoun: str, topic: str) -> str:
    if pronoun.lower() in ("its", "their", "theirs", "his", "her"):
        return f"{topic}'s"
    return f"in {topic}" if pronoun.lower() == "there" else topic


def _topic_words(previous: str, vocabulary: Vocabulary) -> list[str]:
    """Return the words of the previous question that carry its topic, in order."""
    # "What was the deadline of the 2021 call?": the talk is about the call, not about deadlines.
    attribute = ATTRIBUTE.match(previous)
    previous = _SINCE_WHEN.sub("", attribute["rest"] if attribute else previous)
    stems = set(content_stems(previous))
    words = []
    for word in WORD.findall(previous):
        bare = re.sub(r"['’]s$", "", word)
        happens = events_in(bare)  # what was asked before, not what it was asked of
        if (stem(bare.lower()) in stems and not happens) or years(bare) or bare in ("network", "Network"):
            words.append(bare)
    return list(dict.fromkeys(words))
