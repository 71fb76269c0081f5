from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.chunk import LIST_WORDS, PASSAGE_WORDS, chunk, count_words, sentence_spans
from assistant.records import Source

DOCUMENTS = sorted((Path(__file__).parent.parent / "corpus" / "documents").glob("*.md"))
WORDS = ("Lisvale", "has", "14", "halls.", "In", "2021,", "Dr.", "Holt", "音乐之都。", "e.g.", "“Yes!”", "A.", "is:")


def source_of(text, **fields):
    return Source(id="s", title="Title", text=text, **fields)


def check_offsets(source):
    passages = chunk(source)
    for passage in passages:
        assert source.text[passage.start : passage.end] == passage.text
        for unit in passage.units:
            assert source.text[unit.start : unit.end] == unit.text
            assert passage.start <= unit.start < unit.end <= passage.end
    assert len({passage.id for passage in passages}) == len(passages)
    return passages


words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=30).map(" ".join)
lines = st.one_of(
    words,
    words.map(lambda text: f"- {text}"),
    words.map(lambda text: f"1. {text}"),
    words.map(lambda text: f"  * {text}"),
    words.map(lambda text: f"| {text} | 3 |"),
    words.map(lambda text: f"## {text}"),
    words.map(lambda text: f"#### {text}  "),
    st.sampled_from(["", "", "|---|---|", "| | |", "-", "- ", "#", "   ", "|", "||", "The plans are:", "1."]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(lines, max_size=25).map("\n".join))
def test_every_passage_and_unit_stands_at_its_offsets(text):
    check_offsets(source_of(text))


@settings(max_examples=60, deadline=None)
@given(st.lists(lines, max_size=25).map("\n".join))
def test_no_word_of_the_text_is_lost_and_none_is_said_twice(text):
    source = source_of(text)
    covered = [0] * len(text)
    for passage in chunk(source):
        for place in range(passage.start, passage.end):
            covered[place] += 1

    assert max(covered, default=0) <= 1
    start = 0
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if bare and not bare.startswith("#"):
            held = covered[start : start + len(line.rstrip())]
            assert all(held[place] or line[place].isspace() for place in range(len(held)))
        start += len(line)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_the_documents_of_the_corpus_keep_their_offsets(path):
    passages = check_offsets(source_of(path.read_text(encoding="utf-8").split("---\n", 2)[2]))

    assert passages


def test_a_list_stays_whole_with_the_line_that_introduces_it():
    filler = " ".join(["Music fills the halls of Lisvale every night."] * 18)
    items = "\n".join(f"- the plan number {number} of the city, with a few more words" for number in range(12))
    source = source_of(f"## Plans\n\n{filler}\n\nThe plans are:\n\n{items}\n\nThat is all.")

    (passage,) = [p for p in check_offsets(source) if "plan number 0" in p.text]

    assert "The plans are:" in passage.text
    assert "plan number 11" in passage.text
    group = [unit for unit in passage.units if unit.kind == "item"]
    assert len(group) == 12
    assert len({unit.group for unit in group}) == 1
    assert {unit.label for unit in group} == {"The plans are:"}
    assert group[0].text.startswith("the plan"), "without its marker"


def test_two_lists_of_a_passage_have_groups_of_their_own():
    (passage,) = chunk(source_of("First are:\n\n- a\n- b\n\nThen come:\n\n- c\n- d\n"))

    groups = [unit.group for unit in passage.units if unit.kind == "item"]
    assert groups[0] == groups[1] != groups[2] == groups[3]


def test_two_lists_of_one_item_each_are_not_taken_for_one():
    (passage,) = chunk(source_of("First is:\n\n- a\n\nThen comes:\n\n- b\n"))

    one, other = [unit.group for unit in passage.units if unit.kind == "item"]
    assert one != other


def test_an_overlong_list_is_parted_at_items():
    items = "\n".join(f"- item {number} has exactly seven words here" for number in range(120))
    passages = check_offsets(source_of(f"The items are:\n\n{items}"))

    assert len(passages) > 1
    assert all(count_words(passage.text) <= LIST_WORDS for passage in passages)
    assert sum(unit.kind == "item" for passage in passages for unit in passage.units) == 120


def test_a_table_row_carries_the_header_as_its_label():
    (passage,) = chunk(
        source_of("## Fields\n\n| Field | Cities |\n|---|---|\n| Film | Ardmouth |\n| Music | Lisvale |")
    )

    assert [(unit.text, unit.kind, unit.label) for unit in passage.units] == [
        ("Film | Ardmouth", "row", "Field | Cities"),
        ("Music | Lisvale", "row", "Field | Cities"),
    ]


def test_a_table_without_a_header_takes_the_line_above_as_its_label():
    (passage,) = chunk(source_of("The time line is:\n\n| 8 May | opening |\n| 9 May | closing |"))

    assert [(unit.text, unit.label) for unit in passage.units[1:]] == [
        ("8 May | opening", "The time line is:"),
        ("9 May | closing", "The time line is:"),
    ]


def test_a_passage_knows_its_heading_path_without_the_title():
    source = source_of("# Title\n\nOne.\n\n## Part\n\n### Deep\n\nTwo.\n\n## Other\n\nThree.")

    assert [(passage.headings, passage.text) for passage in chunk(source)] == [
        ((), "One."),
        (("Part", "Deep"), "Two."),
        (("Other",), "Three."),
    ]
    assert chunk(source)[1].context == "Title > Part > Deep"


def test_a_long_paragraph_is_parted_at_sentences():
    sentences = [f"Sentence number {number} of this paragraph has a few words." for number in range(60)]
    passages = check_offsets(source_of(" ".join(sentences)))

    assert len(passages) > 2
    assert all(count_words(passage.text) <= PASSAGE_WORDS for passage in passages)
    assert [unit.text for passage in passages for unit in passage.units] == sentences


def test_short_paragraphs_under_one_heading_share_a_passage():
    assert len(chunk(source_of("## A\n\nOne is here.\n\nTwo is here.\n\n## B\n\nThree."))) == 2


@pytest.mark.parametrize(
    ("line", "sentences"),
    [
        ("Mr. Holt came. Dr. Berg left.", ["Mr. Holt came.", "Dr. Berg left."]),
        ("It grows, e.g. Music grows. It stays.", ["It grows, e.g. Music grows.", "It stays."]),
        ("See No. 5 of Vol. 12 here. Then rest.", ["See No. 5 of Vol. 12 here.", "Then rest."]),
        ("J. S. Bach wrote it. Who else?", ["J. S. Bach wrote it.", "Who else?"]),
        ("It is 3.5 km long. Good!", ["It is 3.5 km long.", "Good!"]),
        ("Lisvale 是音乐之都。它在北方！好；完", ["Lisvale 是音乐之都。", "它在北方！", "好；", "完"]),
        ("“He said yes.” Then he left.", ["“He said yes.”", "Then he left."]),
        ("No end mark", ["No end mark"]),
        ("Wait… What is it?", ["Wait…", "What is it?"]),
        ("the web page example.org says so. Fine.", ["the web page example.org says so.", "Fine."]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(line, sentences):
    assert [line[start:end] for start, end in sentence_spans(line)] == sentences


def test_wide_characters_count_as_half_a_word():
    assert count_words("Lisvale is 音乐之都") == 3 + 2


def test_ids_stay_when_another_section_changes():
    before = chunk(source_of("## A\n\nThe first part.\n\n## B\n\nThe second part."))
    after = chunk(source_of("## A\n\nThe first part, rewritten at more length.\n\n## B\n\nThe second part."))

    assert before[0].id != after[0].id
    assert before[1].id == after[1].id
    assert before[1].start != after[1].start


def test_ids_change_with_the_title_and_the_heading_that_are_embedded_with_the_text():
    text = "## A\n\nThe first part."
    (one,) = chunk(source_of(text))

    assert chunk(replace(source_of(text), title="Other"))[0].id != one.id
    assert chunk(source_of(text.replace("## A", "## Z")))[0].id != one.id


def test_the_same_text_twice_has_two_ids():
    one, two = chunk(source_of("## A\n\nThe same.\n\n## A\n\nThe same."))

    assert one.id != two.id
    assert one.text == two.text


def test_date_and_language_go_with_the_passage():
    (passage,) = chunk(source_of("Text.", published="2020", as_of="2021-05", language="fr"))

    assert (passage.date, passage.language) == ("2021-05", "fr")


@pytest.mark.parametrize("text", ["", "\n\n", "   \n\t\n", "## Only a heading\n"])
def test_a_text_that_says_nothing_has_no_passage(text):
    assert chunk(source_of(text)) == []
