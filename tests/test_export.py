"""Exported files: each is opened again and read."""

import datetime
import io
import re
import unicodedata
import zipfile
from dataclasses import replace

import docx
import icalendar
import pypdf
import pytest
from fakes import answered, cite, cite_compiled
from lxml import etree

from assistant.captions import LANGUAGES, captions_of
from assistant.errors import ExportError
from assistant.export import (
    Ahead,
    Exchange,
    dates_ahead,
    days_of_path,
    outline_of,
    outline_of_path,
    write_calendar,
    write_markdown,
    write_pdf,
    write_word,
)
from assistant.export import pdf as pdf_module
from assistant.path import ApplicationPath, Line, Step, Task

TODAY = "2026-11-22"
DAY = datetime.date(2026, 11, 22)
NOW = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.UTC)
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WRITERS = {"md": write_markdown, "docx": write_word, "pdf": write_pdf}
FIRST = Exchange("When did it close?", answered("It closed on **30 June 2021**. [1]"))
SECOND = Exchange(
    "Since when is Lisvale a member?",
    answered(
        "Two things:\n\n- Since **2011**. [1]\n- It has halls. [2][1]\n\nMore [7] and \\[2\\].",
        citations=(cite_compiled("U1", "P1"), cite_compiled("C1", n=2, quote="Lisvale has two halls.")),
        standalone_question="Since when is Lisvale a member of the Network?",
        notes=("Check the date.",),
    ),
)
ARABIC = Exchange(
    "ما هو الموعد النهائي لدعوة 2025؟",
    answered("آخر موعد: **3 مارس 2025**. [1]\n\nنص المصدر: “The 2021 call closed on 30 June 2021.” [1]", language="ar"),
)
CHINESE = Exchange("截止日期是哪天？", answered("申请截止日期（2025年征集）：**2025年3月3日**。 [1]", language="zh"))
RUSSIAN = Exchange("Какие города?", answered("Города Польши: **7**. Łódź, Kraków. [1]", language="ru"))


def outline(*exchanges, language="en", title="My call"):
    return outline_of(title, exchanges, captions_of(language), today=TODAY)


def pdf_text(data):
    """The words of a PDF; what shaping has joined is parted again."""
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)
    return unicodedata.normalize("NFKC", text)


def footnotes(data):
    """The texts of a Word file's footnotes by their id, and the ids that its text refers to, in order."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        notes = etree.fromstring(file.read("word/footnotes.xml"))
        body = etree.fromstring(file.read("word/document.xml"))
        types = file.read("[Content_Types].xml").decode()
        relations = file.read("word/_rels/document.xml.rels").decode()
    assert "/word/footnotes.xml" in types
    assert "footnotes.xml" in relations
    texts = {note.get(f"{WORD}id"): "".join(note.itertext()) for note in notes if note.get(f"{WORD}type") is None}
    return texts, [one.get(f"{WORD}id") for one in body.iter(f"{WORD}footnoteReference")]


def test_notes_are_numbered_through_the_whole_file_as_they_are_first_met():
    made = outline(FIRST, SECOND)

    assert [note.number for note in made.notes] == [1, 2, 3]
    assert made.notes[1].quote == ("Lisvale joined in 2011.",)
    assert made.notes[1].about == "List of members, UNESCO, 24 June 2022, official"
    assert made.notes[1].place == "quoted from “Lisvale & the Network”; and further sources: 1"
    assert made.notes[2].url == ""  # an address that is not of the web is left out


def test_a_marker_without_a_citation_and_an_escaped_bracket_stay_words():
    (last,) = [block for block in outline(SECOND).blocks if block.kind == "paragraph" and "More" in block.runs[0].text]

    assert "".join(run.text for run in last.runs) == "More [7] and [2]."
    assert not any(run.note for run in last.runs)


def test_markdown_holds_each_footnote_once_and_refers_to_it():
    text = write_markdown(outline(FIRST, SECOND)).decode()

    assert text.startswith("# My call\n")
    assert "## Since when is Lisvale a member?" in text
    assert "It closed on **30 June 2021**.[^1]" in text
    assert "- It has halls.[^3][^2]" in text
    assert re.findall(r"^\[\^(\d)\]: ", text, re.M) == ["1", "2", "3"]
    assert "[^1]: “The 2021 call closed on 30 June 2021.” Calls & dates, Office \\<of\\> calls, 30 June 2021." in text
    assert "Exported from the UCCN Assistant on 22 November 2026." in text
    assert "Check the date." in text
    assert "Understood as: Since when is Lisvale a member of the Network?" in text


def test_markdown_of_a_hostile_question_makes_no_heading_link_or_html():
    hostile = Exchange("# <img src=x onerror=1>\n[a](javascript:b) | *c*", answered("1. No\\. <b>x</b> [1]"))

    text = write_markdown(outline(hostile)).decode()

    assert "\\<img src=x onerror=1\\>" in text
    assert "\\[a\\](javascript:b) \\| \\*c\\*" in text
    assert "\n# <" not in text


def test_word_has_real_footnotes_and_a_second_mention_is_a_cross_reference():
    data = write_word(outline(FIRST, SECOND))

    document = docx.Document(io.BytesIO(data))
    texts, referred = footnotes(data)
    styles = {paragraph.style.name: paragraph.text for paragraph in document.paragraphs}
    assert referred == ["1", "2", "3"]
    assert set(texts) == {"1", "2", "3"}
    assert "“The 2021 call closed on 30 June 2021.” Calls & dates, Office <of> calls" in texts["1"]
    assert styles["Title"] == "My call"
    assert "It has halls." in styles["List Bullet"]
    assert "NOTEREF _Note2 " in "".join(document.element.body.itertext())
    assert [run.text for p in document.paragraphs for run in p.runs if run.bold] == ["30 June 2021", "2011"]


def test_word_in_arabic_runs_from_right_to_left_and_keeps_english_left_to_right():
    data = write_word(outline(ARABIC, language="ar"))

    body = docx.Document(io.BytesIO(data)).element.body
    runs = [("".join(run.itertext()), run.find(f"{WORD}rPr/{WORD}rtl") is not None) for run in body.iter(f"{WORD}r")]
    assert len(list(body.iter(f"{WORD}bidi"))) >= 5
    assert any(turned and "آخر موعد" in text for text, turned in runs)
    assert any(not turned and "The 2021 call closed" in text for text, turned in runs)


def test_word_takes_characters_that_xml_cannot_hold():
    data = write_word(outline(Exchange("A\x00\x0bB\ud800?", answered())))

    assert any(paragraph.text == "AB?" for paragraph in docx.Document(io.BytesIO(data)).paragraphs)


@pytest.mark.parametrize(
    ("exchange", "language", "words"),
    [
        (FIRST, "en", ["When did it close?", "30 June 2021", "1. “The 2021 call closed on 30 June 2021.”"]),
        (RUSSIAN, "ru", ["Какие города?", "Города Польши", "Łódź, Kraków", "Источники и цитаты"]),
        (CHINESE, "zh", ["截止日期是哪天？", "2025年3月3日", "来源与引文"]),
    ],
)
def test_pdf_can_be_read_in_its_script(exchange, language, words):
    text = re.sub(r"\s+", " ", pdf_text(write_pdf(outline(exchange, language=language))))

    for one in words:
        assert unicodedata.normalize("NFKC", one).replace(" ", "") in text.replace(" ", "")


def test_pdf_in_arabic_joins_its_letters_and_holds_every_word():
    data = write_pdf(outline(ARABIC, language="ar"))

    letters = set(pdf_text(data))
    assert set("مارسالموعدنهائيدعوة") <= letters | {" "}
    assert "The 2021 call closed on 30 June 2021." in re.sub(r"\s+", " ", pdf_text(data))
    fonts = {
        str(font["/BaseFont"])
        for page in pypdf.PdfReader(io.BytesIO(data)).pages
        for font in (one.get_object() for one in page["/Resources"]["/Font"].values())
    }
    assert any("Arabic" in name for name in fonts)


def test_pdf_says_how_many_letters_it_could_not_draw():
    text = pdf_text(write_pdf(outline(Exchange("What are 𓀀 and 𓀀 and ꀀ?", answered()))))

    assert "Letters that no font here can draw: 2." in text


def test_pdf_breaks_no_word_and_leads_from_a_number_to_its_source():
    long = Exchange("A?", answered("**word** " + "characteristically " * 60 + "[1]"))

    reader = pypdf.PdfReader(io.BytesIO(write_pdf(outline(long))))

    words = reader.pages[0].extract_text().split()
    assert words.count("characteristically") == 60
    assert any(
        note.get_object().get("/Subtype") == "/Link" for page in reader.pages for note in page.get("/Annots", ())
    )


def test_pdf_without_its_fonts_says_what_to_do(monkeypatch):
    monkeypatch.setattr(pdf_module.importlib.util, "find_spec", lambda name: None)
    for cached in (pdf_module._folder, pdf_module._font_files, pdf_module._letters, pdf_module._drawn_by):
        cached.cache_clear()

    with pytest.raises(ExportError, match="fonts of manimgx_fonts are not installed: run `make run` again"):
        write_pdf(outline(FIRST))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("format_", WRITERS)
def test_every_language_has_every_format(language, format_):
    data = WRITERS[format_](outline(FIRST, SECOND, language=language))

    assert data.startswith({"md": b"# My call", "docx": b"PK", "pdf": b"%PDF"}[format_])
    if format_ == "pdf":
        assert captions_of(language).say("export.not_drawn", letters=1)[:10] not in pdf_text(data)


def test_a_quote_that_could_not_be_checked_is_said_to_be_so_in_every_format():
    doubtful = Exchange("A?", answered(citations=(replace(cite(), verified=False),)))
    words = "could not be found in the document today"

    assert words in write_markdown(outline(doubtful)).decode()
    assert words in footnotes(write_word(outline(doubtful)))[0]["1"]
    assert words in re.sub(r"\s+", " ", pdf_text(write_pdf(outline(doubtful))))


def test_a_table_stays_a_table():
    table = Exchange("Which?", answered("| City | Year |\n|---|---|\n| Lisvale | 2011 [1] |\n| Torbeck | 2014 |"))

    text = write_markdown(outline(table)).decode()
    (held,) = docx.Document(io.BytesIO(write_word(outline(table)))).tables
    printed = pdf_text(write_pdf(outline(table)))

    assert "| City | Year |\n|---|---|\n| Lisvale | 2011[^1] |\n| Torbeck | 2014 |" in text
    assert [[cell.text for cell in row.cells] for row in held.rows][2] == ["Torbeck", "2014"]
    assert "Torbeck" in printed
    assert "2011 [1]" in printed


# --- dates ahead ---


def dated(*statements):
    return Exchange(
        "When?", answered(citations=tuple(replace(cite(n=n), quote=q) for n, q in enumerate(statements, 1)))
    )


def test_only_days_from_today_on_are_ahead_soonest_first():
    exchange = dated(
        "The call of 2027 closes on 3 March 2027 at midnight.",
        "The call of 2025 closed on 3 March 2025.",
        "Bids are due on 22 November 2026.",
        "The result comes in October 2027.",
        "The plan of 31 June 2027 is no day.",
        "As of 1 May 2027, all is well.",
    )

    found = dates_ahead([exchange, exchange], DAY)

    assert [one.day.isoformat() for one in found] == ["2026-11-22", "2027-03-03"]
    assert found[1].statement == "The call of 2027 closes on 3 March 2027 at midnight."
    assert found[1].source == "Calls & dates, Office <of> calls, 2021-06-30"


def test_a_calendar_file_can_be_read_back():
    (one,) = dates_ahead([dated("The call closes on 3 March 2027, " + "by the word of all " * 12 + "cities.")], DAY)

    calendar = icalendar.Calendar.from_ical(write_calendar([one], captions_of("fr"), now=NOW))

    (event,) = calendar.walk("VEVENT")
    assert event.decoded("dtstart") == datetime.date(2027, 3, 3)
    assert event.decoded("dtend") == datetime.date(2027, 3, 4)
    assert str(event["summary"]).startswith("The call closes on 3 March 2027")
    assert len(str(event["summary"])) <= 120
    assert one.statement in str(event["description"])
    assert "UNESCO fait foi" in str(event["description"])
    assert str(calendar["x-wr-calname"]) == "UCCN : dates à venir"
    again = icalendar.Calendar.from_ical(write_calendar([one], captions_of("en"), now=NOW)).walk("VEVENT")[0]
    assert event["uid"] == again["uid"]


def test_a_hostile_statement_cannot_add_a_line_to_a_calendar():
    evil = Ahead(DAY, "On the day\r\nBEGIN:VALARM\r\nATTACH:http://bad.example", "A\nB", "javascript:bad()")

    data = write_calendar([evil], captions_of("en"), now=NOW).decode()

    assert "\nBEGIN:VALARM" not in data
    assert "javascript" not in data


# --- the path ---


def line(text, call="2025", **changes):
    fields = {
        "source_id": "calls",
        "start": 0,
        "end": len(text),
        "document": "Calls",
        "section": "S",
        "date": "2025",
        "origins": (cite_compiled("U1").origins[0],),
    }
    return Line(text=text, call=call, **(fields | changes))


PATH = ApplicationPath(
    steps=(
        Step(
            "send",
            (Task("send_in_time", "city", (line("The 2025 call closed on 3 March 2025."), line("Late.", "2021"))),),
        ),
        Step("field", (Task("choose_field", "city", (line("One field.", origins=()),)),)),
    ),
    changes=(Step("fields", (Task("fields", "", (line("2025 call | 8"),)),)),),
    next=(Step("leaving", (Task("leaving", "", (line("A country leaves on 31 December 2026."),)),)),),
)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_path_is_a_checklist_with_its_ticks_and_sources(language):
    words = captions_of(language)
    made = outline_of_path(PATH, words, done={"choose_field"}, today=TODAY)

    text = write_markdown(made).decode()

    assert f"- [ ] **{words.say('task.send_in_time')}**" in text
    assert f"- [x] **{words.say('task.choose_field')}**" in text
    plain = text.replace("\u200e", "")
    assert "  - The 2025 call closed on 3 March 2025.[^1]" in plain
    assert f"*{words.say('path.of_call', call='2021')}:* Late.[^1]" in plain
    assert "- 2025 call: 8[^1]" in plain
    assert text.count("[^1]: List of members, UNESCO, 24 June 2022, official.") == 1
    assert "☑" in "".join(p.text for p in docx.Document(io.BytesIO(write_word(made))).paragraphs)
    if language == "en":  # what reads PDF files here loses the order of Arabic
        assert "[x]" in pdf_text(write_pdf(made)).replace(" ", "")


def test_the_days_ahead_of_the_path_are_those_of_its_statements():
    (one,) = days_of_path(PATH, DAY)

    assert (one.day, one.url) == (datetime.date(2026, 12, 31), "https://example.org/u1")
    assert days_of_path(PATH, datetime.date(2027, 1, 1)) == []
