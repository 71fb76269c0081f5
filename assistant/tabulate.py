"""Answers computed from the table of member cities: which field, since when, how many, which ones, first and last."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.cities import Mention, find
from assistant.compose import CORRECTION, YES, Span, Statement
from assistant.corpus import CITIES_ID, MEMBERS, Tables, city_statement, place, state_of_table
from assistant.records import City, Fact, Source
from assistant.terms import stem
from assistant.understand import Query
from assistant.values import dates, speak_date
from assistant.vocabulary import FIELD, WORD, content_stems

MOST_LISTED = 30  # a count of more cities is answered without their names; a list names all
ROUND_MONTH = 10  # cities are designated from October on; before it a year's round is yet to come

# Words of a question that the table itself answers. Any other word left over, and the table is not asked.
_TABLE_WORDS = {
    stem(word)
    for word in """part belong belongs joined join joining admitted admit designated designation designate become
    became becoming new newest since year years list table number total count counts many country
    countries nation status enter entered hold holds held received receive obtained obtain recognised
    declared added accepted selected chosen latest recent first last most fewest least smallest lowest
    biggest highest top oldest earliest before after until between same compare compared comparison
    difference field fields category categories creative discipline art arts class place region regions
    currently present moment altogether respectively each both together complete whole full recently far
    exist existing represent represents represented inside across start started work works specialise
    specialised known label badge certified certification under active round intake wave batch get
    cohort sort type date dates exact larger bigger more fewer less smaller than ones overall quantity
    lists overview show find official officially already today now state states version earlier later
    sign signed picked passed winner winners newcomer newcomers successful came taken call include
    included includes including alphabetical order island islands one two three four five six""".split()
}
_JOINED = re.compile(
    r"\bjoin|\badmitt|\bdesignat|\bbec[ao]me|\bbecoming|\bnew\b|\bnewest|\benter|\btitle|\badded|\baccepted"
    r"|\bselected|\bchosen|\bpicked|\bdeclared|\brecogni|\bnamed|\bsince|\bround\b|\bintake|\bwave\b|\bcohort"
    r"|\bgot\b|\bget\b|\bpassed|\bwinners?\b|\bnewcomers?\b|\bsuccessful|\bcame in\b|\btaken\b|\bcall\b",
    re.I,
)
_SINCE = re.compile(r"\b(?:since|from|starting(?: in| with)?)\W+(?:the year )?(?P<year>20\d\d)", re.I)
_AFTER = re.compile(r"\b(?:after|later than)\W+(?:the year )?(?P<year>20\d\d)", re.I)
_BEFORE = re.compile(r"\b(?:before|prior to|earlier than)\W+(?:the year )?(?P<year>20\d\d)", re.I)
_UNTIL = re.compile(r"\b(?:until|till|up to|by)\W+(?:the end of )?(?:the year )?(?P<year>20\d\d)", re.I)
_BETWEEN = re.compile(
    r"(?P<first>20\d\d)\s*(?:to|-|–|until)\s*(?P<last>20\d\d)|\bbetween (?P<one>20\d\d) and (?P<two>20\d\d)", re.I
)
_FIRST = re.compile(r"\b(?:first|earliest|oldest)\b", re.I)
_LATEST = re.compile(r"\b(?:latest|newest|most recent(?:ly)?|last)\b", re.I)
_MOST = re.compile(r"\b(?:most|largest|highest|biggest|top)\b(?! recent)", re.I)
_FEWEST = re.compile(r"\b(?:fewest|least|smallest|lowest)\b", re.I)
_COMPARES = re.compile(r"\b(?:than|vs|versus|compare\w*|more|fewer|between)\b", re.I)
_OF_COUNTRIES = re.compile(r"\b(?:how many|which|what|number of|list(?: of)?)(?: \w+){0,2} countries\b", re.I)
_WHICH_COUNTRY = re.compile(r"\b(?:which|what) country\b", re.I)
_CITIES = re.compile(r"\bcit(?:y|ies)\b|\bmembers?\b|\btowns?\b|\bplaces?\b", re.I)
_ASKS_TABLE = re.compile(
    r"\b(?:fields?|members?|join|since|title|creative|country|designat|network|UNESCO|cit(?:y|ies))", re.I
)
_MEMBERSHIP = re.compile(
    r"^\W*(?:is|are|was|were|has|have|does|do|did)\b.*\b(?:members?|creative cit(?:y|ies)|cit(?:y|ies) of|join\w*"
    r"|belong\w*|part of|in the (?:UNESCO|network|UCCN))\b",
    re.I,
)
_NOT_HELD = re.compile(
    r"^\W*(?:why|how come)\b|\bnot (?:in|from|a|an|cit|of|part)\b|\b(?:are|is|were|do|does|have|has) not\b"
    r"|\bother than\b"
    r"|\bexcept\w*\b|\bwithout\b|\boutside\b|\bhow many (?:creative )?fields\b",
    re.I,
)  # reasons, and what the conditions leave out
_OF_OTHERS = re.compile(
    r"\b(?:same|other|another|others|only|like|besides)\b|\b(?:before|after|than)\b(?!\W+(?:the year )?\d)"
    rf"|{_FIRST.pattern}|{_LATEST.pattern}",
    re.I,
)  # a question about cities that stand in some relation to the one it names
_WITH_ARTICLE = re.compile(
    r"(?:United|Democratic|Dominican|Central African|Lao|Republic|Russian|Syrian|Bahamas|Comoros|Cook|Gambia|Maldives"
    r"|Marshall|Netherlands|Philippines|Solomon)\b"
)
_POSSIBLE_NAME = re.compile(r"[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*")


@dataclass(frozen=True, slots=True)
class _Scope:
    """The conditions of a question, and how a sentence says them."""

    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    first_year: int | None = None
    last_year: int | None = None
    where: str = ""  # the group of countries that the question names, "the Nordic countries"
    when: str = ""  # "designated in 2021", "by the end of 2016"; '' for the state of the table

    @property
    def said(self) -> str:
        """The words of the conditions that no row holds."""
        return f"{self.where} {self.when}".strip()


class CityTable:
    """The table of an index with the places where its rows can be quoted."""

    def __init__(self, tables: Tables, sources: Mapping[str, Source]) -> None:
        self._cities = tables.cities
        self._facts = tables.facts
        self._sources = sources
        self._state = state_of_table(tables)
        self._views = [source for source in sources.values() if source.path == "cities.csv"]
        self._spots = {view.id: _spots(view, tables.cities) for view in self._views}

    def answer(self, query: Query) -> list[Statement]:
        """Return the statements that answer from the table; none where the question asks for anything else."""
        if not self._cities or query.kind in ("money", "contact", "process", "definition"):
            return []
        if _NOT_HELD.search(query.core) or (len(query.years) > 1 and not _BETWEEN.search(query.standalone)):
            return []  # "in 2014 and 2017" is no range
        mentions = query.mentions
        left = _left_over(query, mentions)
        named = _cities_meant(mentions, query)
        if left:
            return self._not_a_member(query, left) if not named and not mentions else []
        scope = _scope(query, mentions, named)
        if named:
            return [] if _OF_OTHERS.search(query.standalone) else self._about(query, named)
        if not (scope.countries or scope.regions or scope.fields or scope.when or _SUPERLATIVE.search(query.core)):
            return []
        cities = _inside(scope, self._cities)
        if _MOST.search(query.core) or _FEWEST.search(query.core):
            return self._most(query, scope, cities, fewest=not _MOST.search(query.core))
        if _FIRST.search(query.core) or (_LATEST.search(query.core) and not scope.when):
            return self._extreme(scope, cities, latest=not _FIRST.search(query.core))
        bare = query.kind == "other" and not query.asserted  # "media arts cities in Asia": a phrase asks for a list
        asks_which = query.wants_list or query.kind in ("list", "where", "when") or _WHICH.search(query.core) or bare
        if not cities:
            return self._none(scope) if query.kind == "how_many" or asks_which or query.asserted else []
        compares = _COMPARES.search(query.core) or (query.kind == "how_many" and re.search(r"\bor\b", query.core, re.I))
        if compares and (compared := self._compared(scope, cities)):
            return compared
        if query.kind == "how_many" and _OF_COUNTRIES.search(query.core):
            return self._countries(scope, cities, names=False)
        if query.kind == "how_many":
            return self._counted(scope, cities)
        if asks_which and _OF_COUNTRIES.search(query.core):
            return self._countries(scope, cities, names=True)
        if (asks_which or query.asserted) and (_CITIES.search(query.core) or scope.when):
            return self._listed(scope, cities)
        return []

    def _about(self, query: Query, named: Sequence[City]) -> list[Statement]:
        """Return what the table says of the cities that a question names, a wrong premise corrected first."""
        if query.as_of:
            named = [city for city in named if city.year <= _last_round(query.as_of)]
        statements: list[Statement] = []
        for city in named[:6]:
            wrong_field = bool(query.fields) and city.field not in query.fields
            wrong = wrong_field or (query.asserted and self._contradicts(query, city))
            opening = ""
            if len(named) == 1 and wrong and (query.asserted or query.kind != "list"):
                opening = CORRECTION
            elif len(named) == 1 and query.asserted:
                opening = YES
            statements += self._row(city, opening, query)
        if len(named) == 1 and len(query.fields) == 1 and statements[0].text.startswith(CORRECTION):
            others = find(self._cities, countries=(named[0].country,), fields=query.fields)
            if others:
                statements += self._listed(_Scope((named[0].country,), fields=query.fields), others)
        return statements

    def _contradicts(self, query: Query, city: City) -> bool:
        """Say whether a question states another country or year for a city than the table does."""
        countries = {m.country for m in query.mentions if m.country and not m.cities}
        first, last, _ = _period(query)
        too_early = first is not None and city.year < first
        too_late = last is not None and city.year > last
        since = _SINCE.search(query.standalone)
        other_year = bool(since) and since is not None and city.year != int(since["year"])
        return too_early or too_late or other_year or bool(countries and city.country not in countries)

    def _row(self, city: City, opening: str, query: Query) -> Iterator[Statement]:
        """Yield the sentence of a row with the value that was asked for in bold, and its note."""
        start, end = self._spots[CITIES_ID][city]
        said = city_statement(replace(city, note=""))
        span = Span(CITIES_ID, start, start + len(said), f"Member cities in {city.country}")
        bold = str(city.year) if query.kind == "when" else city.field
        yield Statement(opening + said.replace(bold, f"**{bold}**", 1), (span,))
        if city.note:
            yield Statement(city.note, (replace(span, start=end - len(city.note), end=end),))

    def _counted(self, scope: _Scope, cities: Sequence[City]) -> list[Statement]:
        older = list(self._stated(scope, len(cities)))
        if len(cities) == 1:
            return [self._head(scope, cities, end="."), *self._listed(scope, cities), *older]
        if len(cities) <= MOST_LISTED:
            return [*self._listed(scope, cities), *older]
        return [self._head(scope, cities, end="."), *older]

    def _listed(self, scope: _Scope, cities: Sequence[City]) -> list[Statement]:
        """Return the count and below it every city, in groups by what the question leaves open."""
        if len(cities) == 1:
            blank = Query("", "", "", (), "other")
            return list(self._row(cities[0], "", blank))
        lines = [self._head(scope, cities, end=":")]
        for name, group in _groups(scope, cities):
            said = ", ".join(_said(city, scope, name) for city in group)
            text = f"- {name} ({len(group)}): {said}" if name else f"- {said}"
            lines.append(self._computed(text, group))
        for city in cities:
            if not city.firm:
                end = self._spots[CITIES_ID][city][1]
                span = Span(CITIES_ID, end - len(city.note), end, f"Member cities in {city.country}")
                lines.append(Statement(city.note, (span,)))
        return lines

    def _head(self, scope: _Scope, cities: Sequence[City], *, end: str) -> Statement:
        count = f"**{len(cities)}** {_noun(scope, len(cities))}"
        verb = "is" if len(cities) == 1 else "are"
        past = bool(scope.when) and not scope.when.startswith("designated")
        verb = {"is": "was", "are": "were"}[verb] if past else verb
        return self._computed(
            f"By our count there {verb} {count}{_where(scope)}{self._when(scope)}{end}", cities, scope.said
        )

    def _countries(self, scope: _Scope, cities: Sequence[City], *, names: bool) -> list[Statement]:
        by_country = Counter(city.country for city in cities)
        noun = _noun(scope, 1)
        verb = "has" if len(by_country) == 1 else "have"
        countries = "country" if len(by_country) == 1 else "countries"
        text = f"By our count **{len(by_country)}** {countries}{_where(scope)} {verb} a {noun}{self._when(scope)}"
        if not names and len(by_country) > MOST_LISTED:
            return [self._computed(f"{text}.", cities, scope.said)]
        head = self._computed(f"{text}:", cities, scope.said)
        listed = ", ".join(f"{country} ({count})" for country, count in sorted(by_country.items()))
        return [head, self._computed(f"- {listed}", cities)]

    def _most(self, query: Query, scope: _Scope, cities: Sequence[City], *, fewest: bool) -> list[Statement]:
        """Return the country, or the field, that has the most cities of a scope, or the fewest, and the next few."""
        fields = bool(re.search(r"\bfields?\b|\bcategor", query.core, re.I)) and not scope.fields
        counts = Counter(city.field if fields else city.country for city in cities).most_common()
        if fewest:
            counts.reverse()
        best = [name for name, count in counts if count == counts[0][1]] if counts else []
        if len(counts) < 2 or len(best) > MOST_LISTED:
            return []
        verb = "has" if len(best) == 1 else "each have"
        text = (
            f"By our count **{_and(best)}** {verb} the {'fewest' if fewest else 'most'} {_noun(scope, 2)}"
            f"{_where(scope)}, **{counts[0][1]}**{self._when(scope)}."
        )
        statements = [
            self._computed(text, [c for c in cities if (c.field if fields else c.country) in best], scope.said)
        ]
        if following := counts[len(best) : len(best) + 4]:
            names = [name for name, _ in following]
            said = ", ".join(f"{name} ({count})" for name, count in following)
            group = [city for city in cities if (city.field if fields else city.country) in names]
            statements.append(self._computed(f"After that come {said}.", group, scope.said))
        return statements

    def _extreme(self, scope: _Scope, cities: Sequence[City], *, latest: bool) -> list[Statement]:
        """Return the first or the latest cities of a scope."""
        if not cities:
            return []
        year = max(city.year for city in cities) if latest else min(city.year for city in cities)
        best = [city for city in cities if city.year == year]
        after = f" {scope.when}" if scope.when else ""
        if len(best) == 1:
            word = "latest" if latest else "first"
            city = best[0]
            text = (
                f"By our table the {word} {_noun(scope, 1)}{_where(scope)}{after} is **{place(city)}** "
                f"({city.country}), {city.field}, designated in **{year}**."
            )
            return [self._computed(text, best, scope.said)]
        narrowed = replace(scope, first_year=year, last_year=year, when=f"designated in {year}")
        statements = self._listed(narrowed, best)
        word = "latest" if latest else "first"
        noun = f"{_noun(scope, len(best))}{_where(scope)}{after}"
        text = f"By our table the {word} {noun} are **{len(best)}** of **{year}**:"
        return [self._computed(text, best, scope.said), *statements[1:]]

    def _compared(self, scope: _Scope, cities: Sequence[City]) -> list[Statement]:
        """Return the count for each country, field or region of a scope that names several, the most first."""
        if scope.where:
            return []
        scopes = [replace(scope, countries=(name,)) for name in scope.countries if len(scope.countries) > 1]
        scopes += [replace(scope, fields=(name,)) for name in scope.fields if len(scope.fields) > 1]
        scopes += [replace(scope, regions=(name,)) for name in scope.regions if len(scope.regions) > 1]
        found = [(one, _inside(one, cities)) for one in scopes]
        counted = sorted(found, key=lambda pair: -len(pair[1]))
        statements: list[Statement] = []
        for one, group in counted:
            statements += [self._head(one, group, end=".")] if group else self._none(one)
        return statements

    def _none(self, scope: _Scope) -> list[Statement]:
        """Return that the table has no such city; the sentence that opens the table is the quote."""
        text = f"By our table there is **no** {_noun(scope, 1)}{_where(scope)}{self._when(scope)}."
        return [Statement(text, (self._opening(),), computed=True, asked=scope.said)] if self._state else []

    def _not_a_member(self, query: Query, left: Sequence[str]) -> list[Statement]:
        """Return that the table has no entry of a name, where a question asks whether it is a member."""
        names = [match[0] for match in _POSSIBLE_NAME.finditer(query.core[1:]) if not _is_ours(match[0])]
        stems = {stem(word.lower()) for name in names for word in WORD.findall(name)}
        if len(names) != 1 or set(left) - stems or not self._state or not _MEMBERSHIP.search(query.core):
            return []
        text = (
            f"The table of all **{len(self._cities)}** member cities has no entry “{names[0]}”{self._when(_Scope())}."
        )
        return [Statement(text, (self._opening(),), computed=True)]

    def _opening(self) -> Span:
        text = self._sources[CITIES_ID].text
        return Span(CITIES_ID, 0, text.index("\n"), "")

    def _stated(self, scope: _Scope, count: int) -> Iterator[Statement]:
        """Yield what sources stated for the same scope at earlier times, newest first."""
        if scope.when or scope.regions or len(scope.countries) != 1 or len(scope.fields) > 1:
            return
        attribute = f"cities of {scope.fields[0].lower()}" if scope.fields else MEMBERS
        stated = [f for f in self._facts if f.subject == scope.countries[0] and f.attribute == attribute]
        for fact in sorted(stated, key=lambda fact: fact.as_of, reverse=True)[:4]:
            if fact.value != str(count):
                yield self.stated(fact)

    def stated(self, fact: Fact) -> Statement:
        """Return the statement of a dated fact, as it stands."""
        source = self._sources["dated-facts"]
        start = source.text.index(f"\n{fact.statement}") + 1
        span = Span(source.id, start, start + len(fact.statement), f"{fact.subject}: {fact.attribute}")
        return Statement(fact.statement, (span,))

    def _when(self, scope: _Scope) -> str:
        if scope.when:
            return f" {scope.when}"
        return f", as of {speak_date(self._state)}" if self._state else ""

    def _computed(self, text: str, cities: Sequence[City], asked: str = "") -> Statement:
        return Statement(text, self._quoted(cities), cities=tuple(cities), computed=True, asked=asked)

    def _quoted(self, cities: Sequence[City]) -> tuple[Span, ...]:
        """Return the fewest stretches of one view that hold the rows of these cities and no other row."""
        wanted = set(cities)
        return min((self._runs(view, wanted) for view in self._views), key=len)

    def _runs(self, view: Source, wanted: set[City]) -> tuple[Span, ...]:
        runs: list[Span] = []
        open_run = False
        for city, (start, end) in self._spots[view.id].items():
            if city not in wanted:
                open_run = False
                continue
            if open_run:
                runs[-1] = replace(runs[-1], end=end)
            else:
                runs.append(Span(view.id, start, end, _heading(view.text, start)))
            open_run = True
        return tuple(runs)


_SUPERLATIVE = re.compile("|".join(part.pattern for part in (_FIRST, _LATEST, _MOST, _FEWEST)), re.I)
_WHICH = re.compile(r"^\W*(?:and |in )?(?:which|what|where|list|name|show|give|all)\b", re.I)


def _spots(view: Source, cities: Iterable[City]) -> dict[City, tuple[int, int]]:
    """Return where each row stands in a view, in the order of the view."""
    found = {}
    for city in cities:
        said = city_statement(city)
        start = view.text.index(f"\n{said}") + 1
        found[city] = (start, start + len(said))
    return dict(sorted(found.items(), key=lambda spot: spot[1]))


def _heading(text: str, start: int) -> str:
    above = text.rfind("\n## ", 0, start)
    return text[above + 4 : text.index("\n", above + 1)] if above >= 0 else ""


def _left_over(query: Query, mentions: Sequence[Mention]) -> list[str]:
    """Return the stems of what is asked that neither name a place, a field or a year nor ask what the table holds."""
    named = " ".join(query.core[mention.start : mention.end] for mention in mentions)
    told = query.asking != query.core and not _ASKS_TABLE.search(query.asking)
    asked = FIELD.sub(" ", query.core if told else query.asking)
    for date in reversed(dates(asked)):
        asked = f"{asked[: date.start]} {asked[date.end :]}"
    asked = re.sub(r"\b\w+n['’]t\b", " ", asked)  # "..., isn't it?"
    return [word for word in content_stems(asked) if word not in _TABLE_WORDS and word not in content_stems(named)]


def _is_ours(name: str) -> bool:
    return all(word.lower() in ("unesco", "uccn", "network", "creative", "cities", "city") for word in name.split())


def _cities_meant(mentions: Sequence[Mention], query: Query) -> list[City]:
    """Return the cities that a question names; of several of one name, those of the country or field it names too."""
    countries = {mention.country for mention in mentions if mention.country and not mention.cities}
    found: list[City] = []
    for mention in mentions:
        meant = [city for city in mention.cities if not countries or city.country in countries] or [*mention.cities]
        if mention.country and re.search(r"\bcities\b|\bcountr|\bmembers\b", query.core, re.I):
            continue  # Luxembourg, Singapore: the country is asked about
        if len(meant) > 1:
            meant = [city for city in meant if city.field in query.fields] or meant
            meant = [city for city in meant if str(city.year) in query.years] or meant
        found += meant
    return list(dict.fromkeys(found))


def _scope(query: Query, mentions: Sequence[Mention], named: Sequence[City]) -> _Scope:
    countries = tuple(dict.fromkeys(m.country for m in mentions if m.country and not set(m.cities) & set(named)))
    regions = tuple(dict.fromkeys(m.region for m in mentions if m.region))
    groups = list(dict.fromkeys(m.group for m in mentions if m.group))
    where = _and([group.name for group in groups]) if groups and not countries else ""
    countries += tuple(name for group in groups if where for name in group.countries)
    first, last, when = _period(query)
    return _Scope(countries, regions, query.fields, first, last, where, when)


def _inside(scope: _Scope, cities: Iterable[City]) -> list[City]:
    return find(
        cities,
        countries=scope.countries,
        regions=scope.regions,
        fields=scope.fields,
        first_year=scope.first_year,
        last_year=scope.last_year,
    )


def _period(query: Query) -> tuple[int | None, int | None, str]:
    """Return the first and the last year of designation that a question asks for, and the words for it."""
    core = query.standalone  # a claimed year is no longer in the core
    if match := _BETWEEN.search(core):
        first, last = int(match["first"] or match["one"]), int(match["last"] or match["two"])
        return first, last, f"designated from {first} to {last}"
    if match := _SINCE.search(core):
        return int(match["year"]), None, f"designated since {match['year']}"
    if match := _AFTER.search(core):
        first = int(match["year"]) + 1
        return first, None, f"designated after {match['year']}"
    if match := _BEFORE.search(core):
        return None, int(match["year"]) - 1, f"before {match['year']}"
    if match := _UNTIL.search(core):
        return None, int(match["year"]), f"by the end of {match['year']}"
    stated = [date.iso for date in dates(core)] or ([query.as_of] if query.as_of else [])
    if not stated:
        return None, None, ""
    year = int(stated[0][:4])
    if _JOINED.search(core) and not query.as_of:
        return year, year, f"designated in {year}"
    last = _last_round(stated[0])
    return None, last, f"by the end of {last}"


def _last_round(day: str) -> int:
    """Return the year of the last designations before a day; they are made in autumn."""
    year = int(day[:4])
    return year - 1 if len(day) > 4 and int(day[5:7]) < ROUND_MONTH else year


def _noun(scope: _Scope, count: int) -> str:
    noun = "city" if count == 1 else "cities"
    if not scope.fields:
        return f"member {noun}"
    return f"{noun.capitalize()} of {' or '.join(scope.fields)}"


def _where(scope: _Scope) -> str:
    if scope.where:
        return f" in {scope.where}"
    if scope.countries:
        return f" in {_and([_the(country) for country in scope.countries])}"
    return f" in UNESCO's region {' and '.join(scope.regions)}" if scope.regions else ""


def _the(country: str) -> str:
    """Return the name of a country as it stands in a sentence: the United Kingdom."""
    return f"the {country}" if _WITH_ARTICLE.match(country) else country


def _groups(scope: _Scope, cities: Sequence[City]) -> list[tuple[str, list[City]]]:
    """Return the cities in groups: by country where the field is given, by field where the country is; else none."""
    one_country = len({city.country for city in cities}) == 1
    one_field = len({city.field for city in cities}) == 1
    ordered = sorted(cities, key=lambda city: (city.year, place(city)))
    if one_country and one_field:
        return [("", ordered)]
    groups: dict[str, list[City]] = {}
    for city in ordered:
        groups.setdefault(city.country if one_field and not one_country else city.field, []).append(city)
    return sorted(groups.items())


def _and(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _said(city: City, scope: _Scope, group: str) -> str:
    if group == city.country or (not group) or len(scope.countries) == 1:
        return f"{place(city)} ({city.year})"
    return f"{place(city)} ({city.country}, {city.year})"
