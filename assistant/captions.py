"""The words of the chat page, of exported files and of the pages beside the chat, one file a language."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant.phrases import phrases_of
from assistant.records import Origin
from assistant.values import is_iso_date, speak_date

FOLDER = Path(__file__).parent / "interface"
LANGUAGES = {
    "en": "English",
    "fr": "Français",
    "es": "Español",
    "pt": "Português",
    "zh": "中文",
    "ar": "العربية",
    "ru": "Русский",
}
RIGHT_TO_LEFT = ("ar",)
_FIRMNESS = {
    "official": "shared.official",
    "member city": "shared.member_city",
    "press": "shared.press",
    "unofficial": "shared.unofficial",
}

_PREFERRED = re.compile(r"\s*([A-Za-z]{2,3})(?:-[\w-]+)?\s*(?:;\s*q=([\d.]+))?\s*")


@dataclass(frozen=True, slots=True)
class Captions:
    """The words of one language, by section and name; what stands in {braces} in them is filled in."""

    language: str  # ISO 639-1
    words: Mapping[str, Mapping[str, str]]

    def say(self, name: str, **filled: object) -> str:
        """Return the words of `section.name`, with what they take filled in."""
        section, _, key = name.partition(".")
        return self.words[section][key].format(**filled)

    def section(self, name: str) -> Mapping[str, str]:
        """Return the words of one section by their names."""
        return self.words[name]

    def of_chat(self) -> dict[str, str | list[str]]:
        """Return the words of the chat page by their names, and the questions that it begins with as `examples`."""
        return {**self.words["shared"], **self.words["chat"], "examples": list(self.words["examples"].values())}

    def date(self, iso: str) -> str:
        """Return an ISO date of any exactness as it is written in this language; anything else as it is."""
        if not is_iso_date(iso):
            return iso
        return speak_date(iso) if self.language == "en" else phrases_of(self.language).date(iso)

    def firmness(self, origin: Origin) -> str:
        """Say how far one may rely on an origin; a copy of a text of UNESCO is said to be one."""
        copied = origin.kind == "unesco" and origin.firmness == "unofficial"
        return self.say("shared.copy_of_unesco" if copied else _FIRMNESS[origin.firmness])

    @property
    def direction(self) -> str:
        """The direction of the script, as HTML names it."""
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"


@cache
def captions_of(language: str) -> Captions:
    """Read the words of a language; of one that is not in LANGUAGES, the English ones."""
    language = language if language in LANGUAGES else "en"
    with (FOLDER / f"{language}.toml").open("rb") as file:
        return Captions(language, tomllib.load(file))


def preferred_language(accepted: str) -> str:
    """Return the language of LANGUAGES that an Accept-Language header puts first, else English."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")):
        if found := _PREFERRED.fullmatch(part):
            weight = float(found[2]) if re.fullmatch(r"[01](\.\d+)?", found[2] or "") else 1.0
            wanted.append((-weight, place, found[1].lower()))
    return next((language for _, _, language in sorted(wanted) if language in LANGUAGES), "en")
