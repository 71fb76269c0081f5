"""Reads `corpus/` and any folder of .md, .txt, .html, .pdf and .docx files into sources."""

from assistant.corpus.attribute import firmest_first, unknown_ids
from assistant.corpus.folder import READERS, Corpus, file_digests, read_corpus
from assistant.corpus.tables import (
    CITIES_ID,
    FACTS_ID,
    MEMBERS,
    NETWORK_SUBJECT,
    SUBDIVISIONS_ID,
    Tables,
    city_statement,
    lies_in,
    place,
    state_of_table,
)

__all__ = [
    "CITIES_ID",
    "FACTS_ID",
    "MEMBERS",
    "NETWORK_SUBJECT",
    "READERS",
    "SUBDIVISIONS_ID",
    "Corpus",
    "Tables",
    "city_statement",
    "file_digests",
    "firmest_first",
    "lies_in",
    "place",
    "read_corpus",
    "state_of_table",
    "unknown_ids",
]
