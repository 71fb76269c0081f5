"""What the table of member cities says: rows, counts, lists, first and last, each with the rows that it rests on."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from assistant.cities import REGIONS, find
from assistant.claims import Bound, Claim, Opening, Period, Scope
from assistant.compose import OPENING_OF, Span, Statement
from assistant.conditions import Part, TableQuestion, asked_of_table, contradicts, last_round, misplaced
from assistant.corpus import CITIES_ID, MEMBERS, SUBDIVISIONS_ID, Tables, city_statement, lies_in, place, state_of_table
from assistant.english import in_english, spoken_period
from assistant.records import City, Fact, Group, Source
from assistant.understand import Query
from assistant.values import date_reached, dates, numbers
from assistant.vocabulary import FIELDS, fields_in

MOST_LISTED = 30  # a count of more cities is answered without their names; a list names all
MOST_ROWS = 6  # cities whose rows are shown where a question names several
MOST_NEXT = 4  # countries or fields that follow those with the most
MOST_STATED = 4  # counts of sources that are shown beside our own


class CityTable:
    """The table of an index with the places where its rows can be quoted."""

    def __init__(self, tables: Tables, sources: Mapping[str, Source]) -> None:
        self._cities = tables.cities
        self._known_countries = tables.countries
        self._facts = tables.facts
        self._sources = sources
        self._state = state_of_table(tables)
        self._views = [source for source in sources.values() if source.path == "cities.csv"]
        self._spots = {view.id: _spots(view, tables.cities) for view in self._views}
        parts = [group for group in tables.groups if group.cities]
        self._lies_in = {city: part.name for part in parts for city in tables.cities if lies_in(city, part)}
        if SUBDIVISIONS_ID in sources:
            self._spots[SUBDIVISIONS_ID] = _spots(sources[SUBDIVISIONS_ID], self._lies_in)

    def answer(self, query: Query) -> list[Statement]:
        """Return the statements that answer from the table; none where the question asks for anything else."""
        asked = asked_of_table(query) if self._cities else TableQuestion("")
        if asked.wants == "rows":
            return self._about(query, asked.named)
        if asked.wants == "order":
            return [self._ordered(asked.named), *self._about(query, asked.named)]
        if asked.wants == "entry":
            return self._no_entry(asked.name)
        if asked.named:
            own = self._row(asked.named[0], "correction" if asked.corrects else "")
            others = self._wanted(replace(asked, named=()), None)
            return [*own, *others] if asked.corrects else [*others, *own]
        if not asked.wants and (city := misplaced(query)):
            return list(self._row(city, "correction"))
        return self._wanted(asked, _stated_count(query))

    def _wanted(self, asked: TableQuestion, stated: int | None) -> list[Statement]:
        """Return what is wanted of the cities inside a scope; `stated` is the count that the question claims."""
        within = {city.region for city in find(self._cities, countries=asked.scope.countries)}
        if asked.scope.countries and within and within <= set(asked.scope.regions):
            asked = replace(asked, scope=replace(asked.scope, regions=()))  # "Japan, in Asia" is Japan
        if asked.rounds:
            first = sorted({city.year for city in self._cities})[-asked.rounds :][0]
            asked = replace(asked, scope=replace(asked.scope, period=Period("since", first=first)))
        scope, cities = asked.scope, _inside(asked.scope, self._cities)
        if asked.wants in ("most", "fewest"):
            return self._most(asked, cities)
        if asked.wants in ("first", "latest"):
            return self._end(asked, cities)
        if asked.wants == "countries without":
            return self._without(scope, cities)
        if asked.wants == "missing fields":
            missing = tuple(name for name in FIELDS if name not in {city.field for city in cities})
            return self._none(replace(scope, fields=missing)) if missing else []
        if not cities:
            return self._none(scope) if asked.of_any else []
        if asked.summed and not {city.year for city in cities if asked.years[0] < city.year < asked.years[-1]} - {
            *asked.years
        }:
            scope = replace(scope, period=Period("between", min(asked.years), max(asked.years)))
            return [self._head(scope, _inside(scope, self._cities), opens_list=False)]
        if asked.compares and (compared := self._compared(asked)):
            return compared
        if asked.bound:
            return self._limited(scope, cities, asked.bound)
        if asked.wants == "each":
            return self._each(scope, asked.lacking)
        if asked.wants == "new countries":
            return self._new_countries(scope, cities)
        if asked.wants in ("number of subdivisions", "subdivisions"):
            return self._subdivisions(scope, cities) if self._lies_in.keys() >= set(cities) else []
        if asked.wants in ("number of countries", "countries"):
            return self._countries(scope, cities, names=asked.wants == "countries")
        if asked.wants == "numbers of cities and countries":
            return [self._head(scope, cities, opens_list=False), *self._countries(scope, cities, names=False)[:1]]
        if asked.wants == "number":
            return self._counted(scope, cities, stated)
        return self._listed(scope, cities) if asked.wants == "cities" else []

    def _about(self, query: Query, named: Sequence[City]) -> list[Statement]:
        """Return what the table says of the cities that a question names, a wrong premise corrected first."""
        if query.as_of:
            named = [city for city in named if city.year <= last_round(query.as_of)]
        statements: list[Statement] = []
        opening: Opening = ""
        for city in named[:MOST_ROWS]:
            if query.as_of and (before := self._field_then(city, query.as_of)):
                statements.append(before)
                continue
            wrong_field = bool(query.fields) and city.field not in query.fields
            wrong = wrong_field or (query.asserted and contradicts(query, city))
            if len(named) == 1 and wrong and (query.asserted or query.kind != "list"):
                opening = "correction"
            elif len(named) == 1 and query.asserted:
                opening = "yes"
            statements += self._row(city, opening, query.kind)
        if opening == "correction" and len(query.fields) == 1:
            others = find(self._cities, countries=(named[0].country,), fields=query.fields)
            if others:
                statements += self._listed(Scope((named[0].country,), fields=query.fields), others)
        return statements

    def _row(self, city: City, opening: Opening = "", kind: str = "other") -> Iterator[Statement]:
        """Yield the sentence of a row with the value that was asked for in bold, and its note."""
        start, end = self._spots[CITIES_ID][city]
        said = city_statement(replace(city, note=""))
        span = Span(CITIES_ID, start, start + len(said), f"Member cities in {city.country}")
        bold = str(city.year) if kind == "when" else city.field
        text = OPENING_OF[opening] + said.replace(bold, f"**{bold}**", 1)
        yield Statement(text, (span,), claim=Claim("city", cities=(city,), opening=opening))
        if city.note:
            yield Statement(city.note, (replace(span, start=end - len(city.note), end=end),))

    def _field_then(self, city: City, day: str) -> Statement | None:
        """Return the note of a city, where it tells of another field at that time; else None."""
        others = [field for field in fields_in(city.note) if field != city.field]
        changed = [date.iso for date in dates(city.note) if not date_reached(date.iso, day)]
        if not others or not changed:
            return None
        end = self._spots[CITIES_ID][city][1]
        span = Span(CITIES_ID, end - len(city.note), end, f"Member cities in {city.country}")
        return Statement(city.note.replace(others[0], f"**{others[0]}**", 1), (span,))

    def _counted(self, scope: Scope, cities: Sequence[City], stated: int | None = None) -> list[Statement]:
        older = [*self._stated(scope, len(cities)), *self._of_region(scope, cities)]
        opens_list = 1 < len(cities) <= MOST_LISTED
        head = self._head(scope, cities, opens_list=opens_list, stated=stated)
        if len(cities) == 1:
            return [head, *self._listed(scope, cities), *older]
        return [head, *(self._listed(scope, cities)[1:] if opens_list else ()), *older]

    def _of_region(self, scope: Scope, cities: Sequence[City]) -> Iterator[Statement]:
        """Yield the count of UNESCO's region of the same name as a group of countries, where it is another."""
        region = replace(scope, countries=(), group="", regions=(scope.group,))
        inside = _inside(region, self._cities) if scope.group in REGIONS else []
        if inside and len(inside) != len(cities):
            yield self._head(region, inside, opens_list=False)

    def _ordered(self, named: Sequence[City]) -> Statement:
        """Return which of some cities were designated before which."""
        return self._computed(Claim("order", cities=tuple(sorted(named, key=lambda city: city.year))), named)

    def _listed(self, scope: Scope, cities: Sequence[City]) -> list[Statement]:
        """Return the count and below it every city, in groups by what the question leaves open."""
        if len(cities) == 1:
            return list(self._row(cities[0]))
        lines = [self._head(scope, cities, opens_list=True)]
        for name, group in _groups(cities):
            lines.append(self._computed(Claim("group", scope, len(group), tuple(group), name), group))
        for city in cities:
            if not city.firm:
                end = self._spots[CITIES_ID][city][1]
                span = Span(CITIES_ID, end - len(city.note), end, f"Member cities in {city.country}")
                lines.append(Statement(city.note, (span,)))
        return lines

    def _head(self, scope: Scope, cities: Sequence[City], *, opens_list: bool, stated: int | None = None) -> Statement:
        opening: Opening = "" if stated is None else "yes" if stated == len(cities) else "correction"
        claim = Claim("count", scope, len(cities), opens_list=opens_list, stated=stated, opening=opening)
        return self._computed(claim, cities)

    def _countries(self, scope: Scope, cities: Sequence[City], *, names: bool) -> list[Statement]:
        by_country = Counter(city.country for city in cities)
        listed = names or len(by_country) <= MOST_LISTED
        head = self._computed(Claim("countries", scope, len(by_country), opens_list=listed), cities)
        if not listed:
            return [head]
        return [head, self._computed(Claim("shares", scope, shares=tuple(sorted(by_country.items()))), cities)]

    def _limited(self, scope: Scope, cities: Sequence[City], bound: Bound) -> list[Statement]:
        """Return how many countries have so many cities of a scope, and which."""
        counts = Counter(city.country for city in cities)
        inside = {country: count for country, count in counts.items() if bound.holds(count)}
        return self._told_of_countries(Claim("limited", scope, bound=bound), [c for c in cities if c.country in inside])

    def _each(self, scope: Scope, lacking: tuple[str, ...]) -> list[Statement]:
        """Return how many countries have a city of each field of a scope and none of some others, and which."""
        fields: dict[str, set[str]] = {}
        for city in _inside(replace(scope, fields=()), self._cities):
            fields.setdefault(city.country, set()).add(city.field)
        inside = {name for name, own in fields.items() if own >= set(scope.fields) and not own & set(lacking)}
        cities = [city for city in _inside(scope, self._cities) if city.country in inside]
        return self._told_of_countries(Claim("each", scope, other=Scope(fields=lacking)), cities)

    def _new_countries(self, scope: Scope, cities: Sequence[City]) -> list[Statement]:
        """Return how many countries had their first city of a scope in its year, and which."""
        year = scope.period.first if scope.period else None
        always = _inside(replace(scope, period=None), self._cities)
        before = {city.country for city in always if year and city.year < year}
        return self._told_of_countries(Claim("new countries", scope), [c for c in cities if c.country not in before])

    def _without(self, scope: Scope, cities: Sequence[City]) -> list[Statement]:
        """Return the countries of a group or a region that have no city."""
        held = {city.country for city in cities}
        inside = (country for country in self._known_countries if country.region in scope.regions)
        names = [*scope.countries, *(country.name for country in inside)]
        without = tuple(sorted(name for name in dict.fromkeys(names) if name not in held))
        return self._none(Scope(countries=without, fields=scope.fields, period=scope.period)) if without else []

    def _told_of_countries(self, claim: Claim, cities: Sequence[City]) -> list[Statement]:
        """Return a claim on how many countries these cities are of, and below it the countries with their counts."""
        shares = Counter(city.country for city in sorted(cities, key=lambda city: city.country)).most_common()
        if not shares:
            return []
        head = self._computed(replace(claim, count=len(shares), opens_list=True), cities)
        if len(shares) == len(cities):  # one city each, which is named
            ordered = tuple(sorted(cities, key=lambda city: (city.country, city.year)))
            return [head, self._computed(Claim("group", claim.scope, len(cities), ordered), cities)]
        return [head, self._computed(Claim("shares", claim.scope, shares=tuple(shares)), cities)]

    def _subdivisions(self, scope: Scope, cities: Sequence[City]) -> list[Statement]:
        """Return how many states, provinces or regions of a country have a city of a scope, and which."""
        shares = Counter(self._lies_in[city] for city in sorted(cities, key=self._lies_in.__getitem__)).most_common()
        claims = (
            Claim("subdivisions", scope, len(shares), opens_list=True),
            Claim("shares", scope, shares=tuple(shares)),
        )
        return [self._computed(claim, cities, by_subdivision=True) for claim in claims]

    def _most(self, asked: TableQuestion, cities: Sequence[City]) -> list[Statement]:
        """Return the country, field or subdivision with the most cities of a scope, or the fewest, and the next few."""
        by_subdivision = asked.part == "subdivision"
        if by_subdivision and not self._lies_in.keys() >= set(cities):
            return []
        parts = {city: self._lies_in[city] if by_subdivision else _part(city, asked.part) for city in cities}
        counts = Counter(parts.values()).most_common()
        if asked.wants == "fewest":
            counts.reverse()
        best = [share for share in counts if share[1] == counts[0][1]]
        if len(best) > MOST_LISTED and asked.wants == "fewest" and asked.part == "country":
            return self._limited(asked.scope, cities, Bound("exactly", best[0][1]))
        if len(counts) < 2 or len(best) > MOST_LISTED:
            return []
        claims = [Claim("fewest" if asked.wants == "fewest" else "most", asked.scope, best[0][1], shares=tuple(best))]
        following = counts[len(best) : len(best) + MOST_NEXT]
        if following and asked.part != "year":
            claims.append(Claim("next", asked.scope, shares=tuple(following)))
        statements = []
        for claim in claims:
            names = {name for name, _ in claim.shares}
            held = [city for city in cities if parts[city] in names]
            statements.append(self._computed(claim, held, by_subdivision=by_subdivision))
        return statements

    def _end(self, asked: TableQuestion, cities: Sequence[City]) -> list[Statement]:
        """Return the first or the latest cities of a scope."""
        if not cities:
            return []
        year = (max if asked.wants == "latest" else min)(city.year for city in cities)
        best = tuple(city for city in cities if city.year == year)
        claim = Claim("latest" if asked.wants == "latest" else "first", asked.scope, cities=best)
        if len(best) == 1:
            return [self._computed(claim, best)]
        head = self._computed(replace(claim, count=len(best), opens_list=True), best)
        return [head, *self._listed(asked.scope.of_year(year), best)[1:]]

    def _compared(self, asked: TableQuestion) -> list[Statement]:
        """Return the count for each country, field, region or year that a question names, the most first."""
        scope = asked.scope
        if scope.group:
            groups = [_of_group(scope, group) for group in asked.groups]
            counted = [(one, _inside(one, self._cities)) for one in groups if len(groups) > 1]
            counted.sort(key=lambda pair: -len(pair[1]))
            return [self._head(one, cities, opens_list=False) for one, cities in counted if cities]
        scopes = [replace(scope, countries=(name,)) for name in scope.countries if len(scope.countries) > 1]
        scopes += [replace(scope, fields=(name,)) for name in scope.fields if len(scope.fields) > 1]
        scopes += [replace(scope, regions=(name,)) for name in scope.regions if len(scope.regions) > 1]
        scopes += [scope.of_year(year) for year in asked.years]
        found = sorted(((one, _inside(one, self._cities)) for one in scopes), key=lambda pair: -len(pair[1]))
        statements: list[Statement] = []
        if len(found) == 2 and found[1][1]:
            (most, cities), (other, others) = found
            claim = Claim("more", most, len(cities), other=other, other_count=len(others))
            return [self._computed(claim, [*cities, *others])]
        for one, group in found:
            statements += [self._head(one, group, opens_list=False)] if group else self._none(one)
        return statements

    def _none(self, scope: Scope) -> list[Statement]:
        """Return that the table has no such city; the sentence that opens the table is the quote."""
        return [self._computed(Claim("none", scope), ())] if self._state else []

    def _no_entry(self, name: str) -> list[Statement]:
        """Return that the table has no entry of a name."""
        return [self._computed(Claim("no entry", count=len(self._cities), name=name), ())] if self._state else []

    def _stated(self, scope: Scope, count: int) -> Iterator[Statement]:
        """Yield what sources stated for the same scope at earlier times, newest first."""
        if scope.period or scope.regions or len(scope.countries) != 1 or len(scope.fields) > 1:
            return
        attribute = f"cities of {scope.fields[0].lower()}" if scope.fields else MEMBERS
        stated = [f for f in self._facts if f.subject == scope.countries[0] and f.attribute == attribute]
        for fact in sorted(stated, key=lambda fact: fact.as_of, reverse=True)[:MOST_STATED]:
            if fact.value != str(count):
                yield self._as_stated(fact)

    def _as_stated(self, fact: Fact) -> Statement:
        """Return the statement of a dated fact, as it stands."""
        source = self._sources["dated-facts"]
        start = source.text.index(f"\n{fact.statement}") + 1
        span = Span(source.id, start, start + len(fact.statement), f"{fact.subject}: {fact.attribute}")
        return Statement(fact.statement, (span,), claim=Claim("fact", facts=(fact,)))

    def _computed(self, claim: Claim, cities: Sequence[City], *, by_subdivision: bool = False) -> Statement:
        """Return the sentence of a claim with the rows that it rests on; without any, the opening of the table."""
        period = claim.scope.period
        reached = period is not None and str(period.first or 0) <= self._state[:4]
        claim = replace(claim, as_of="" if reached else self._state)
        by_subdivision |= bool(claim.scope.subdivisions)
        return Statement(
            in_english(claim),
            self._quoted(cities, by_subdivision=by_subdivision) if cities else (self._opening(),),
            cities=tuple(cities),
            computed=True,
            asked=" ".join(
                filter(None, (claim.scope.group, *map(spoken_period, (claim.scope.period, claim.other.period))))
            ),
            claim=claim,
        )

    def _opening(self) -> Span:
        text = self._sources[CITIES_ID].text
        return Span(CITIES_ID, 0, text.index("\n"), "")

    def _quoted(self, cities: Sequence[City], *, by_subdivision: bool) -> tuple[Span, ...]:
        """Return the fewest stretches of one view that hold the rows of these cities and no other row.

        Those of a subdivision stand in the view that tells what lies in it.
        """
        wanted = set(cities)
        views = [self._sources[SUBDIVISIONS_ID]] if by_subdivision else self._views
        return min((self._runs(view, wanted) for view in views), key=len)

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


def _inside(scope: Scope, cities: Iterable[City]) -> list[City]:
    """Return the rows of a scope; countries and regions that it names side by side are alternatives."""
    period = scope.period
    found = find(
        cities,
        subdivisions=scope.subdivisions,
        fields=scope.fields,
        first_year=period.first if period else None,
        last_year=period.last if period else None,
    )
    if scope.countries or scope.regions:
        found = [city for city in found if city.country in scope.countries or city.region in scope.regions]
    return [city for city in found if city not in scope.besides]


def _of_group(scope: Scope, group: Group) -> Scope:
    """Return a scope with one of the groups of countries, or of the subdivisions, that it names."""
    if group.cities is None:
        return replace(scope, countries=group.countries, group=group.name)
    return replace(scope, subdivisions=(group,), group=group.name)


def _stated_count(query: Query) -> int | None:
    """Return the one count that a question states to have it confirmed."""
    if not query.asserted:
        return None
    said = [int(n.value) for n in numbers(query.question) if n.value == int(n.value) and not n.ordinal]
    return said[0] if len(said) == 1 else None


def _part(city: City, part: Part) -> str:
    return str(city.year) if part == "year" else city.field if part == "field" else city.country


def _groups(cities: Sequence[City]) -> list[tuple[str, list[City]]]:
    """Return the cities in groups: by country where the field is given, by field where the country is; else none."""
    one_country = len({city.country for city in cities}) == 1
    one_field = len({city.field for city in cities}) == 1
    ordered = sorted(cities, key=lambda city: (city.year, place(city)))
    if one_country and one_field:
        return [("", ordered)]
    groups: dict[str, list[City]] = {}
    for city in ordered:
        groups.setdefault(_part(city, "field" if one_country or not one_field else "country"), []).append(city)
    return sorted(groups.items())


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
