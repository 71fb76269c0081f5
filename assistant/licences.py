"""The licences of every package that the program needs, and of its built-in models."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata

from packaging.requirements import Requirement

from assistant.models import BUILT_IN

PROJECT = "uccn-assistant"
UNNAMED = "not named in its metadata"
_CLASSIFIER = "License :: "


@dataclass(frozen=True, slots=True)
class Licence:
    """A package or model, and the licence that it states."""

    name: str
    version: str
    licence: str


def licences() -> list[Licence]:
    """Return the packages that the program needs, without extras that are not asked for, then the models."""
    packages = sorted(_needed(), key=lambda name: name.lower())
    found = [Licence(name, metadata.version(name), _licence(metadata.metadata(name))) for name in packages]
    return [*found, *(Licence(model.name, "model", model.licence) for model in BUILT_IN)]


def _needed() -> set[str]:
    """Return the names of the packages installed for the program, each with what it needs itself."""
    found: dict[str, str] = {}
    wanted = [(PROJECT, frozenset[str]())]
    seen = set(wanted)
    while wanted:
        name, extras = wanted.pop()
        try:
            held = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # it is for another system
        found[re.sub(r"[-_.]+", "-", name).lower()] = held.name
        for line in held.requires or ():
            need = Requirement(line)
            asked = need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ("", *extras))
            step = (need.name, frozenset(need.extras))
            if asked and step not in seen:
                seen.add(step)
                wanted.append(step)
    return set(found.values()) - {PROJECT}


def _licence(about: metadata.PackageMetadata) -> str:
    """Return the licence of a package: its SPDX expression, else its classifiers, else the first line of its text."""
    return next(filter(None, _stated(about)), UNNAMED)


def _stated(about: metadata.PackageMetadata) -> Iterator[str]:
    yield _first(about, "License-Expression")
    kinds = [line for line in about.get_all("Classifier") or () if line.startswith(_CLASSIFIER)]
    yield ", ".join(kind.removeprefix(_CLASSIFIER).removeprefix("OSI Approved :: ") for kind in kinds)
    yield _first(about, "License").strip().partition("\n")[0][:80]
    yield ", ".join(about.get_all("License-File") or ())


def _first(about: metadata.PackageMetadata, field: str) -> str:
    return next(iter(about.get_all(field) or ()), "")
