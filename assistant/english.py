"""The English sentence of a claim, as the check of what is said knows it."""

import re
from collections.abc import Sequence

from assistant.claims import ANY_FIELD_BUT, ONE_SUBDIVISION, SUBDIVISIONS, Claim, Period, Scope
from assistant.compose import OPENING_OF
from assistant.corpus import place
from assistant.records import City
from assistant.values import speak_date
from assistant.vocabulary import FIELDS

MOST_FIELDS = len(FIELDS) // 2  # that are named one by one; of more, those that are left out

_WITH_ARTICLE = re.compile(
    r"(?:United|Democratic|Dominican|Central African|Lao|Republic|Russian|Syrian|Bahamas|Comoros|Cook|Gambia|Maldives"
    r"|Marshall|Netherlands|Philippines|Solomon)\b"
)


def in_english(claim: Claim) -> str:
    """Return the sentence or list line of a claim over rows of the table, its values in bold."""
    end = ":" if claim.opens_list else "."
    where, when = _where(claim.scope), _when(claim)
    match claim.kind:
        case "order":
            return f"By our table {_ordered(claim.cities)}."
        case "more":
            return f"By our count there {_verb(claim)} {_more(claim)}{_state(claim)}."
        case "count":
            count = f"**{claim.count}** {_noun(claim.scope, claim.count or 0)}"
            return f"{OPENING_OF[claim.opening]}By our count there {_verb(claim)} {count}{where}{when}{end}"
        case "countries":
            countries, have = _countries(claim)
            return f"By our count {countries}{where} {have} a {_noun(claim.scope, 1)}{when}{end}"
        case "limited":
            countries, have = _countries(claim)
            noun = _noun(claim.scope, claim.bound.number if claim.bound else 0)
            return f"By our count {countries}{where} {have} {claim.bound} {noun}{when}{end}"
        case "each":
            countries, have = _countries(claim)
            held = [f"a City of {name}" for name in claim.scope.fields]
            held += [f"no City of {name}" for name in claim.other.fields]
            return f"By our count {countries}{_where(claim.scope)} {have} {' and '.join(held)}{when}{end}"
        case "new countries":
            countries, _ = _countries(claim)
            whose = "its" if claim.count == 1 else "their"
            return f"By our count {countries}{where} had {whose} first {_noun(claim.scope, 1)}{when}{end}"
        case "subdivisions":
            parts, verb = (ONE_SUBDIVISION, "has") if claim.count == 1 else (SUBDIVISIONS, "have")
            return f"By our count **{claim.count}** {parts}{where} {verb} a {_noun(claim.scope, 1)}{when}{end}"
        case "most" | "fewest":
            if claim.shares[0][0].isdigit():
                years = enumerated([name for name, _ in claim.shares])
                noun = f"{_noun(claim.scope, 2)}{where}"
                return f"By our count the {claim.kind} {noun} were designated in **{years}**, **{claim.count}**{when}."
            verb = "has" if len(claim.shares) == 1 else "each have"
            names = enumerated([name for name, _ in claim.shares])
            noun = _noun(claim.scope, 2)
            return f"By our count **{names}** {verb} the {claim.kind} {noun}{where}, **{claim.count}**{when}."
        case "next":
            return f"After that come {_shares(claim)}."
        case "shares":
            return f"- {_shares(claim)}"
        case "first" | "latest":
            return f"By our table the {claim.kind} {_ends(claim)}"
        case "none":
            until = _state(claim) if claim.scope.period else ""  # of a year that the table does not reach
            return f"By our table there is **no** {_noun(claim.scope, 1)}{where}{when}{until}."
        case "no entry":
            return f"The table of all **{claim.count}** member cities has no entry “{claim.name}”{when}."
        case "group":
            cities = ", ".join(_listed(city, claim) for city in claim.cities)
            return f"- {claim.name} ({claim.count}): {cities}" if claim.name else f"- {cities}"
    raise ValueError(f"{claim.kind} is worded by its source")


def spoken_period(period: Period | None) -> str:
    """Return the words of a period: "designated in 2021", "by the end of 2016"; '' where there is none."""
    if period is None:
        return ""
    years = [str(year) for year in period.said]
    if period.spell == "between":
        return f"designated from {years[0]} to {years[-1]}"
    return {
        "in": "designated in ",
        "since": "designated since ",
        "after": "designated after ",
        "before": "before ",
        "by": "by the end of ",
    }[period.spell] + years[0]


def enumerated(names: Sequence[str]) -> str:
    """Return names as a sentence enumerates them: A, B and C."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _ordered(cities: Sequence[City]) -> str:
    """Return who was designated before whom; cities come in the order of their years."""
    years = {city.year: [place(one) for one in cities if one.year == city.year] for city in cities}
    if len(years) == 1:
        (year,) = years
        return f"{enumerated(years[year])} were designated in the same year, **{year}**"
    (first, names), *later = years.items()
    verb = "was" if len(names) == 1 else "were"
    after = "".join(f" before {enumerated(following)} ({year})" for year, following in later)
    return f"**{enumerated(names)}** ({first}) {verb} designated{after}"


def _more(claim: Claim) -> str:
    """Return how two scopes compare; the noun of the second stands only where it is another."""
    first, second = _noun(claim.scope, 2), _noun(claim.other, 2)
    one = f"{first}{_where(claim.scope)}{_designated(claim.scope)}"
    other = f"{'' if second == first else f' {second}'}{_where(claim.other)}{_designated(claim.other)}"
    if claim.count == claim.other_count:
        return f"as many {one} as{other}: **{claim.count}**"
    return f"more {one} than{other}: **{claim.count}** and **{claim.other_count}**"


def _designated(scope: Scope) -> str:
    return f" {spoken_period(scope.period)}" if scope.period else ""


def _state(claim: Claim) -> str:
    return f", as of {speak_date(claim.as_of)}" if claim.as_of else ""


def _ends(claim: Claim) -> str:
    """Return what is the first or the latest: one city, or so many of a year."""
    (year,) = {city.year for city in claim.cities}
    when = _when(claim) if claim.scope.period else ""
    noun = f"{_noun(claim.scope, len(claim.cities))}{_where(claim.scope)}{when}"
    if len(claim.cities) > 1:
        return f"{noun} are **{len(claim.cities)}** of **{year}**:"
    (city,) = claim.cities
    return f"{noun} is **{place(city)}** ({city.country}), {city.field}, designated in **{year}**."


def _countries(claim: Claim) -> tuple[str, str]:
    return (f"**{claim.count}** country", "has") if claim.count == 1 else (f"**{claim.count}** countries", "have")


def _shares(claim: Claim) -> str:
    return ", ".join(f"{name} ({count})" for name, count in claim.shares)


def _verb(claim: Claim) -> str:
    past = claim.scope.period is not None and not claim.scope.period.of_joining
    if claim.count == 1 and claim.kind != "more":  # "as many Cities of Film" are one or a hundred
        return "was" if past else "is"
    return "were" if past else "are"


def _noun(scope: Scope, count: int) -> str:
    noun = "city" if count == 1 else "cities"
    if not scope.fields:
        return f"member {noun}"
    if len(scope.fields) > MOST_FIELDS:
        left_out = " or ".join(name for name in FIELDS if name not in scope.fields)
        return f"{noun.capitalize()} of {ANY_FIELD_BUT}{left_out}"
    return f"{noun.capitalize()} of {' or '.join(scope.fields)}"


def _where(scope: Scope) -> str:
    countries = scope.group or enumerated([_the(country) for country in scope.countries])
    region = f"UNESCO's region {' and '.join(scope.regions)}" if scope.regions else ""
    inside = " or ".join(filter(None, (countries, region)))
    besides = f" besides {enumerated([place(city) for city in scope.besides])}" if scope.besides else ""
    return (f" in {inside}" if inside else "") + besides


def _the(country: str) -> str:
    """Return the name of a country as it stands in a sentence: the United Kingdom."""
    return f"the {country}" if _WITH_ARTICLE.match(country) else country


def _when(claim: Claim) -> str:
    if period := spoken_period(claim.scope.period):
        return f" {period}"
    return f", as of {speak_date(claim.as_of)}" if claim.as_of else ""


def _listed(city: City, claim: Claim) -> str:
    if claim.of_one_country:
        return f"{place(city)} ({city.year})"
    return f"{place(city)} ({city.country}, {city.year})"
