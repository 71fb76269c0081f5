"""The page of the application path: what is known of the next call, the steps, what changed, cities to talk to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from assistant.captions import Captions, captions_of
from assistant.cities import REGIONS, find
from assistant.corpus import Tables, place, state_of_table
from assistant.path import ApplicationPath, Line, Step, Task
from assistant.phrases import phrases_of
from assistant.records import City
from assistant.views.frame import render_page, to_chat, to_document
from assistant.vocabulary import FIELDS

LINES_SHOWN = 2  # of a task; further ones fold away
FORMATS = {"md": "Markdown", "docx": "Word (DOCX)", "pdf": "PDF"}


@dataclass(frozen=True, slots=True)
class CityChoice:
    """What cities a visitor looks for, and those that the table has."""

    tables: Tables
    field: str = ""  # English, as in the table; so are region and country
    region: str = ""
    country: str = ""
    found: tuple[City, ...] = ()

    @property
    def made(self) -> bool:
        """Whether anything was chosen."""
        return bool(self.field or self.region or self.country)


def choose_cities(tables: Tables, *, field: str = "", region: str = "", country: str = "") -> CityChoice:
    """Return the member cities of a field, region and country; what the table does not know is not chosen."""
    field = field if field in FIELDS else ""
    region = region if region in REGIONS else ""
    country = country if country in {city.country for city in tables.cities} else ""
    if not (field or region or country):
        return CityChoice(tables)
    found = find(
        tables.cities,
        fields=[field] if field else (),
        regions=[region] if region else (),
        countries=[country] if country else (),
    )
    found.sort(key=lambda city: (city.country, city.field, city.year, city.name))
    return CityChoice(tables, field, region, country, tuple(found))


def render_path(path: ApplicationPath, captions: Captions, choice: CityChoice, *, ahead: int, root: str = "./") -> str:
    """Render the page; `ahead` days can become a calendar file."""
    view = _View(captions, root)
    asked = {name: getattr(choice, name) for name in ("field", "region", "country") if getattr(choice, name)}
    if not path.steps:
        body = f"<h1>{view.say('frame.path')}</h1><p>{view.say('path.none')}</p><p>{view.say('path.none_hint')}</p>"
        body += view.cities(choice) if choice.tables.cities else ""
        return render_page(captions, captions.say("frame.path"), body, here="path", asked=asked, root=root)
    english = f'<p class="note">{view.say("path.english_lines")}</p>' if captions.language != "en" else ""
    body = (
        f"<h1>{view.say('path.title', call=path.call)}</h1>"
        f'<p class="lead">{view.say("path.intro")}</p>{english}{view.jumps()}'
        f'<section class="callout" aria-labelledby="next"><h2 id="next">{view.say("path.next")}</h2>'
        f"<p><strong>{view.say('path.next_intro')}</strong></p>{''.join(map(view.known, path.next))}</section>"
        f"{view.steps(path)}{view.exports(ahead)}{view.changes(path.changes)}{view.cities(choice)}"
    )
    title = captions.say("path.title", call=path.call)
    return render_page(captions, title, body, here="path", asked=asked, root=root, scripts=("path.js",))


class _View:
    """Renders the parts of the page in one language."""

    def __init__(self, captions: Captions, root: str) -> None:
        self._captions = captions
        self._root = root

    def say(self, name: str, **filled: object) -> str:
        """Return words of the page, escaped."""
        return escape(self._captions.say(name, **filled))

    def jumps(self) -> str:
        """Render links to the parts of the page."""
        parts = {"steps": "path.steps", "export": "path.export", "changes": "path.changes", "cities": "cities.title"}
        links = (f'<a href="#{id_}">{self.say(name)}</a>' for id_, name in parts.items())
        return f'<p class="jumps">{" · ".join(links)}</p>'

    def known(self, step: Step) -> str:
        tasks = "".join(f"{self._lines(task.lines, '')}{self._ask(task.id)}" for task in step.tasks)
        return f"<h3>{self.say(f'step.{step.id}')}</h3>{tasks}"

    def steps(self, path: ApplicationPath) -> str:
        words = escape(self._captions.words["path"]["progress"])
        tasks = sum(len(step.tasks) for step in path.steps)
        items = "".join(
            f"<li><h3>{self.say(f'step.{step.id}')}</h3>"
            f"{''.join(self._task(task, path.call) for task in step.tasks)}</li>"
            for step in path.steps
        )
        return (
            f'<section aria-labelledby="steps"><h2 id="steps">{self.say("path.steps")}</h2>'
            f'<div class="tally" data-scripted hidden><p id="progress" role="status" data-words="{words}"></p>'
            f'<progress id="bar" max="{tasks}" value="0" aria-labelledby="progress">'
            f'</progress><div class="row"><p class="note">{self.say("path.kept")}</p>'
            f'<button type="button" id="clear" hidden>{self.say("path.clear")}</button></div></div>'
            f'<ol class="steps">{items}</ol></section>'
        )

    def _task(self, task: Task, call: str) -> str:
        title = self.say(f"task.{task.id}")
        who = f'<p class="who note">{self.say("path.who")}: {self.say(f"who.{task.who}")}</p>' if task.who else ""
        return (
            f'<div class="task" id="{escape(task.id)}"><label><input type="checkbox" data-task="{escape(task.id)}">'
            f"<span>{title}</span></label>{who}{self._lines(task.lines, call)}{self._ask(task.id)}</div>"
        )

    def _lines(self, lines: Sequence[Line], call: str, *, shown: int = LINES_SHOWN) -> str:
        items = [f"<li>{self._line(line, call)}</li>" for line in lines]
        if len(items) == shown + 1:  # one more takes no more room than the fold
            shown += 1
        folded = ""
        if items[shown:]:
            words = self.say("path.more_lines", count=len(items) - shown)
            folded = f'<details><summary>{words}</summary><ul class="lines">{"".join(items[shown:])}</ul></details>'
        return f'<div class="said"><ul class="lines">{"".join(items[:shown])}</ul>{folded}</div>'

    def _line(self, line: Line, call: str) -> str:
        other = call and line.call and line.call != call
        badge = f' <span class="badge">{self.say("path.of_call", call=line.call)}</span>' if other else ""
        words = ": ".join(line.cells) if len(line.cells) > 1 else line.text
        return f'<p><span lang="en" dir="ltr">{escape(words)}</span>{badge}</p>{self._facts(line)}'

    def _facts(self, line: Line) -> str:
        parts = []
        if line.origins:
            first = line.origins[0]
            parts += [f'<bdi lang="en">{escape(first.publisher)}</bdi>']
            parts += [f"<bdi>{escape(self._captions.date(first.date))}</bdi>"] if first.date else []
            parts += [f"<span>{escape(self._captions.firmness(first))}</span>"]
            further = len(line.origins) - 1
            parts += [f"<span>{self.say('path.more', count=further)}</span>"] if further else []
        parts.append(self._read(line))
        return f'<p class="facts">{" · ".join(parts)}</p>'

    def _read(self, line: Line) -> str:
        address = to_document(line.source_id, line.start, line.end, self._root)
        label = escape(f"{self._captions.say('shared.read')}: {line.cells[0][:80]}")
        return f'<a href="{address}" aria-label="{label}">{self.say("shared.read")}</a>'

    def _ask(self, task: str) -> str:
        """Render the way into the chat with a question about a task; in English where none is known to be answered."""
        question = self._captions.section("ask").get(task, "")
        words, language = "path.ask", self._captions.language
        if not question:
            question, words, language = captions_of("en").say(f"ask.{task}"), "path.ask_english", "en"
        said = f'<q lang="{language}" dir="auto">{escape(question)}</q>'
        return f'<p class="ask"><a href="{to_chat(question, self._root)}">{self.say(words)}</a>: {said}</p>'

    def exports(self, ahead: int) -> str:
        language = urlencode({"lang": self._captions.language})
        links = "".join(
            f'<a class="button" data-export href="{self._root}path/export/{format_}?{language}">{name}</a>'
            for format_, name in FORMATS.items()
        )
        if ahead:
            words = self.say("path.calendar", count=ahead)
            links += f'<a class="button" href="{self._root}path/export/ics?{language}">{words}</a>'
        none = "" if ahead else f'<p class="note">{self.say("path.no_calendar")}</p>'
        return (
            f'<section aria-labelledby="export"><h2 id="export">{self.say("path.export")}</h2><div class="row">{links}'
            f'<button type="button" id="print" data-scripted hidden>{self.say("shared.print")}</button></div>'
            f"{none}</section>"
        )

    def changes(self, changes: Iterable[Step]) -> str:
        parts = "".join(
            f'<div class="change"><h3 id="change-{step.id}">{self.say(f"step.{step.id}")}</h3>'
            f"{self._change(step)}</div>"
            for step in changes
        )
        return (
            f'<section aria-labelledby="changes"><h2 id="changes">{self.say("path.changes")}</h2>'
            f"<p>{self.say('path.changes_intro')}</p>{parts}</section>"
        )

    def _change(self, step: Step) -> str:
        lines = [line for task in step.tasks for line in task.lines]
        if any(len(line.cells) == 1 for line in lines):
            return self._lines(lines, "", shown=len(lines))
        rows = "".join(
            f'<tr><th scope="row" lang="en" dir="ltr">{escape(line.cells[0])}</th>'
            f'<td><span lang="en" dir="ltr">{escape(", ".join(line.cells[1:]))}</span>{self._facts(line)}</td></tr>'
            for line in lines
        )
        return (
            f'<div class="table" tabindex="0" role="region" aria-labelledby="change-{step.id}"><table>'
            f"<tbody>{rows}</tbody></table></div>"
        )

    def cities(self, choice: CityChoice) -> str:
        language = self._captions.language
        names = phrases_of(language).fields if language != "en" else {}
        regions = phrases_of(language).regions if language != "en" else {}
        fields = [(name, names.get(name, name)) for name in FIELDS]
        places = [(name, regions.get(name, name)) for name in REGIONS]
        form = (
            f'<form class="choice" action="{self._root}path#cities" method="get">'
            f'<input type="hidden" name="lang" value="{language}">'
            f"{self._select('field', 'cities.field', fields, choice.field)}"
            f"{self._select('region', 'cities.region', places, choice.region)}"
            f"{self._select('country', 'shared.country', self._countries(choice.tables), choice.country)}"
            f'<button class="primary">{self.say("cities.show")}</button></form>'
        )
        return (
            f'<section aria-labelledby="cities"><h2 id="cities">{self.say("cities.title")}</h2>'
            f"<p>{self.say('cities.intro')}</p>{form}{self._found(choice, dict(fields))}</section>"
        )

    def _select(self, name: str, label: str, options: Iterable[tuple[str, str]], chosen: str) -> str:
        items = "".join(
            f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(words)}</option>'
            for value, words in options
        )
        return (
            f'<div><label for="by-{name}">{self.say(label)}</label><select id="by-{name}" name="{name}">'
            f'<option value="">{self.say("cities.any")}</option>{items}</select></div>'
        )

    def _countries(self, tables: Tables) -> list[tuple[str, str]]:
        members = {city.country for city in tables.cities}
        called = {name: self._country(name, tables) for name in members}
        return sorted(called.items(), key=lambda item: item[1].casefold())

    def _country(self, name: str, tables: Tables) -> str:
        held = next((country for country in tables.countries if country.name == name), None)
        names = held.names.get(self._captions.language, ()) if held else ()
        return names[0] if names else name

    def _found(self, choice: CityChoice, fields: dict[str, str]) -> str:
        if not choice.made:
            return f'<p class="note">{self.say("cities.choose")}</p>'
        if not choice.found:
            return f'<p role="status">{self.say("cities.none")}</p>'
        date = self._captions.date(state_of_table(choice.tables))
        total = len(choice.tables.cities)
        rows = "".join(self._row(city, choice.tables, fields) for city in choice.found)
        heads = "".join(
            f'<th scope="col">{self.say(name)}</th>'
            for name in ("shared.city", "shared.country", "cities.field", "cities.year")
        )
        return (
            f'<p id="found" role="status">{self.say("cities.found", count=len(choice.found), all=total, date=date)}</p>'
            f'<div class="table" tabindex="0" role="region" aria-labelledby="found"><table><thead><tr>{heads}'
            f"<td></td></tr></thead><tbody>{rows}</tbody></table></div>"
        )

    def _row(self, city: City, tables: Tables, fields: dict[str, str]) -> str:
        name = place(city)
        question = self._captions.say("cities.question", city=name)
        label = self.say("cities.ask", city=name)
        return (
            f'<tr><th scope="row"><bdi>{escape(name)}</bdi></th><td>{escape(self._country(city.country, tables))}</td>'
            f"<td>{escape(fields.get(city.field, city.field))}</td><td>{city.year}</td>"
            f'<td><a href="{to_chat(question, self._root)}" aria-label="{label}">{self.say("path.ask")}</a></td></tr>'
        )
