"""Every word that a visitor reads in the chat and on the source page, apart from answers."""

NAME = "UCCN Assistant"
PURPOSE = (
    "Ask about the UNESCO Creative Cities Network: its cities, its fields, how a city applies. "
    "Every answer quotes its sources."
)
CORPUS = "{sources}, newest of {date}"
CORPUS_UNDATED = "{sources}"
CORPUS_EMPTY = "There are no documents yet, so no question can be answered."
ONE_SOURCE = "1 document"
MANY_SOURCES = "{count} documents"

EXAMPLES_TITLE = "Questions to begin with"
EXAMPLES = (
    "When was the deadline of the 2021 call?",
    "How many cities belong to the Network?",
    "What must a city show in its application?",
    "Which Chinese cities are Cities of Design?",
    "What are the objectives of the Network?",
    "In which creative fields can a city apply?",
)
QUESTION = "Your question"
PLACEHOLDER = "Ask your question"
SEND = "Send"
STOP = "Stop"
CLEAR = "Clear"
DISCLAIMER = "Not run by UNESCO. The text of UNESCO's own call decides: check it there or with"
CONTACT = "creativecities@unesco.org"

WAITING = "Searching the sources"
WRITING = "Writing the answer"
REWORDING = "A language model rewords this answer; each sentence is checked before it is shown"
UNDERSTOOD = "Understood as:"
AS_OF = "As of {date}"
NO_ANSWER = "No source here answers this"
OUT_OF_SCOPE = "Outside what I can answer"
CLARIFY = "A question back to you"
FAILED = "No answer this time"
STOPPED = "You stopped this answer."
BROKEN = "Something went wrong on our side. Please ask again."
TOO_LONG = "This question is longer than {limit} characters. Please shorten it."

SOURCES = "Sources and the words quoted"
MORE_SOURCES = "{count} more quotes"
MORE_LINES = "and {count} more lines of this quote"
MARKER = "Source {n}: {title}"
READ = "Read it in the document"
READ_IN = "Read it in “{document}”"
READ_NAMED = "{read}: quote {n}, in a new tab"
UNCHECKED = "This quote could not be checked against its document."
UNDATED = "undated"
COPY_OF_UNESCO = "unofficial copy of a UNESCO text"
ONE_FURTHER_SOURCE = "and 1 more source"
FURTHER_SOURCES = "and {count} more sources"
OF_PARTS = "{further}, each behind all of this quote or a part of it"
ORIGINAL = "Original"
DATE = "Date"
PUBLISHER = "Publisher"
DOCUMENT_SOURCES = "Sources"
ONE_LISTED = "1, listed at the end"
LISTED = "{count}, listed at the end"
SOURCE_NUMBERS = "The numbers behind a statement lead to the sources that it rests on, the firmest first."
QUOTED = "The words that the answer quotes are marked."
SKIP_TO_QUOTE = "Go to the quoted words"
