"""What a reader of one format makes of a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Draft:
    """A document as its format gives it."""

    text: str  # cleaned light Markdown
    stated: Mapping[str, str] = field(
        default_factory=dict
    )  # what the file itself states, by the names of Source's fields
    complete: bool = (
        False  # it has front matter: publisher and dates that this leaves out are not guessed from the text
    )
