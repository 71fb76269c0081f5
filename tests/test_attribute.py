"""Source ids in a text: taken out, with what rests on them and of when that is."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.corpus.attribute import attribute, firmest_first, newest, unknown_ids
from assistant.records import Origin


def origin(id_, date="", kind="press", firmness="press"):
    return Origin(id_, "Title", "Publisher", "https://example.org", date, "en", kind, firmness)


ORIGINS = {
    origin.id: origin
    for origin in (
        origin("S2", "2022-06-24"),
        origin("P1", "2020"),
        origin("X", "2021", "unesco", "official"),
        origin("U-NEWS_2.1", "2021-11-08", "unesco", "unofficial"),
        origin("OLD", "", "member city", "member city"),
        origin("OWN", "2026-11-21", "project", "unofficial"),
    )
}


def stretches(text, origins=ORIGINS):
    """What is left of a text, and each stretch with the ids that it rests on."""
    bare, found = attribute(text, origins)
    return bare, [(bare[held.start : held.end], held.origins) for held in found]


class TestMarks:
    def test_a_mark_goes_and_speaks_for_its_line_back_to_the_mark_before_it(self):
        bare, held = stretches("Lisvale is a port. It has halls. [S2; X] Osmere has none. [X]\n\nTarn has one. [OLD]")

        assert bare == "Lisvale is a port. It has halls. Osmere has none.\n\nTarn has one."
        assert held == [
            ("Lisvale is a port. It has halls.", ("S2", "X")),
            ("Osmere has none.", ("X",)),
            ("Tarn has one.", ("OLD",)),
        ]

    def test_offsets_point_into_the_text_that_is_left(self):
        _, found = attribute("One. [X] Two. [X]\nThree. [X]", ORIGINS)

        assert [(held.start, held.end) for held in found] == [(0, 4), (5, 9), (10, 16)]

    def test_what_stands_behind_the_last_mark_rests_on_nothing(self):
        bare, held = stretches("One. [X] Two.\nThree.\nFour. [X]")

        assert bare == "One. Two.\nThree.\nFour."
        assert held == [("One.", ("X",)), ("Four.", ("X",))]

    def test_a_list_item_rests_on_the_mark_at_its_end(self):
        assert stretches("- a school [S2]\n1. a hall [X]") == (
            "- a school\n1. a hall",
            [("- a school", ("S2",)), ("1. a hall", ("X",))],
        )

    @pytest.mark.parametrize("mark", ["[U-NEWS_2.1;X]", "[U-NEWS_2.1 ; X]", "\t [U-NEWS_2.1;  X]"])
    def test_ids_may_hold_signs_and_stand_with_or_without_spaces(self, mark):
        assert stretches(f"One. {mark}") == ("One.", [("One.", ("U-NEWS_2.1", "X"))])

    @pytest.mark.parametrize(
        "brackets",
        [
            "[1]",
            "[nobody]",
            "[S2; nobody]",
            "[see below]",
            "[S2 X]",
            "[S2, X]",
            "[]",
            "[ S2]",
            "[S2",
            "S2]",
            "(S2)",
            "[s2]",
        ],
    )
    def test_brackets_that_hold_anything_but_known_ids_stay(self, brackets):
        text = f"Lisvale {brackets} is a port."

        assert attribute(text, ORIGINS) == (text, ())

    def test_where_there_are_no_sources_nothing_is_taken_out(self):
        text = "One. [S2]\n\n| City | Source |\n| --- | --- |\n| Lisvale | [S2] |"

        assert attribute(text, {}) == (text, ())


class TestColumn:
    TABLE = "| City | Since | Source |\n| --- | --- | --- |\n| Lisvale | 2011 | [S2; X] |\n| Osmere | 2012 | OLD |"

    @pytest.mark.parametrize("heading", ["Source", "Sources", "source"])
    def test_a_column_of_sources_goes_and_each_row_rests_on_its_cell(self, heading):
        bare, held = stretches(self.TABLE.replace("Source", heading))

        assert bare == "| City | Since |\n| --- | --- |\n| Lisvale | 2011 |\n| Osmere | 2012 |"
        assert held == [("| Lisvale | 2011 |", ("S2", "X")), ("| Osmere | 2012 |", ("OLD",))]

    def test_a_row_with_an_empty_cell_rests_on_nothing(self):
        bare, held = stretches(self.TABLE.replace("OLD", ""))

        assert bare.endswith("| Osmere | 2012 |")
        assert [text for text, _ in held] == ["| Lisvale | 2011 |"]

    @pytest.mark.parametrize("cell", ["a letter of the mayor", "X9", "[S2; X9]", "S2, X"])
    def test_a_column_that_holds_anything_but_known_ids_stays(self, cell):
        text = self.TABLE.replace("OLD", cell)

        assert attribute(text, ORIGINS) == (text, ())

    @pytest.mark.parametrize("heading", ["Source of income", "Sauce", "Year", "[S2]"])
    def test_a_last_column_under_another_heading_stays(self, heading):
        text = self.TABLE.replace("Source", heading)

        assert attribute(text, ORIGINS) == (text, ())

    def test_each_table_goes_by_its_own_headings(self):
        other = "| City | Since |\n| --- | --- |\n| Tarn | X |"

        bare, held = stretches(f"{self.TABLE}\n\n{other}\n\n{self.TABLE}")

        assert f"\n\n{other}\n\n" in bare
        assert len(held) == 4

    def test_offsets_behind_a_table_are_right(self):
        _, held = stretches(f"Before. [X]\n\n{self.TABLE}\n\nBehind. [S2]")

        assert (held[0], held[-1]) == (("Before.", ("X",)), ("Behind.", ("S2",)))


class TestProperties:
    words = st.lists(
        st.sampled_from(
            ["Lisvale", "has", "14", "halls.", "音乐之都。", "[1]", "[sic]", "[S2; nobody]", "é", "|", ";"]
        ),
        min_size=1,
    ).map(" ".join)
    ids = st.lists(st.sampled_from(sorted(ORIGINS)), min_size=1, max_size=3, unique=True)
    line = st.lists(st.tuples(words, st.none() | ids), max_size=4).filter(
        lambda parts: not parts or not parts[0][0].startswith("|")
    )

    @settings(max_examples=200, deadline=None)
    @given(st.lists(line, max_size=6))
    def test_known_marks_go_everything_else_stays_and_each_stretch_is_exact(self, lines):
        text = "\n".join(
            " ".join(word if not ids else f"{word} [{'; '.join(ids)}]" for word, ids in parts) for parts in lines
        )
        stated = []
        for parts in lines:
            waiting = []
            for word, ids in parts:
                waiting.append(word)
                if ids:
                    stated.append((" ".join(waiting), tuple(ids)))
                    waiting = []

        bare, held = stretches(text)

        assert bare == "\n".join(" ".join(word for word, _ in parts) for parts in lines)
        assert held == stated

    @settings(max_examples=300, deadline=None)
    @given(
        st.lists(st.sampled_from(["[", "]", "S2", "X", "[X]", ";", " ", "|", "\n", "\n|", "Source", "a", "---"])).map(
            "".join
        )
    )
    def test_whatever_the_text_stretches_lie_in_order_each_in_its_line(self, text):
        bare, found = attribute(text, ORIGINS)

        spans = [(held.start, held.end) for held in found]
        assert bare.count("\n") == text.count("\n")
        assert all(0 <= start <= end <= len(bare) for start, end in spans)
        assert all("\n" not in bare[start:end] for start, end in spans)
        assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
        assert all(set(held.origins) <= set(ORIGINS) for held in found)


class TestDate:
    def test_a_stretch_is_of_the_day_of_its_newest_source(self):
        (held,) = attribute("One. [X; S2; U-NEWS_2.1; OLD]", ORIGINS)[1]

        assert held.date == "2022-06-24"

    def test_our_own_remark_dates_a_stretch_only_where_it_stands_alone(self):
        assert newest(["S2", "OWN"], ORIGINS) == "2022-06-24"
        assert newest(["OWN"], ORIGINS) == "2026-11-21"

    def test_a_source_without_a_date_gives_none(self):
        assert newest(["OLD"], ORIGINS) == ""


def test_the_firmest_source_comes_first_and_the_order_of_naming_decides_between_equals():
    ids = ["OWN", "S2", "P1", "OLD", "U-NEWS_2.1", "X"]

    found = [origin.id for origin in firmest_first(ids, ORIGINS)]

    assert found == ["X", "U-NEWS_2.1", "OLD", "S2", "P1", "OWN"]
    assert [origin.id for origin in firmest_first(["P1", "S2"], ORIGINS)] == ["P1", "S2"]


def test_unknown_ids_are_told_and_other_brackets_are_not():
    text = "One. [S2; X9] Two. [U-2020] Three. [see] Four. [of the port] Five. [X]"

    assert unknown_ids(text, ORIGINS) == ["X9", "U-2020"]
