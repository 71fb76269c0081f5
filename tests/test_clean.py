"""Cleaning: characters, broken lines, recognition faults, lost structure, dates, and what a text says about itself."""

import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.clean import clean_plain, describe, find_date, guess_language, normalise, parse
from assistant.clean.columns import part_columns
from assistant.clean.mend import mend_words

SEEDS = Path(__file__).parents[2] / "shared" / "seeds"
LONG = (
    "The guild of Lisvale keeps a workshop for young luthiers and lends its halls to the city when a concert needs one."
)


def lines(text):
    return clean_plain(text).split("\n")


def blocks(text, kind):
    return [block.text for block in parse(clean_plain(text)) if block.kind == kind]


class TestCharacters:
    def test_invisible_characters_and_odd_spaces_go(self):
        assert clean_plain("Lis\u200bvale\u202e is\u00a0a\u2003port.\ufeff\x07") == "Lisvale is a port."

    def test_ligatures_are_written_out_and_accents_are_composed(self):
        assert clean_plain("O\ufb03ce in Que\u0301bec.") == "Office in Québec."

    def test_entities_and_left_over_tags_are_resolved(self):
        assert clean_plain("Arts &amp;amp; <b>crafts</b>&nbsp;here.<!-- note -->") == "Arts & crafts here."

    def test_strong_marks_and_links_leave_their_words(self):
        assert (
            clean_plain("The **port** has [a site](https://example.org/x) of its own.")
            == "The port has a site of its own."
        )


class TestLines:
    WRAPPED = (
        "The guild of Lisvale keeps a workshop for its\n"
        "young luthiers, where they learn the inter-\n"
        "national trade and mend what the concert sea-\n"
        "son has broken, in a self-\n"
        "governed house by the old port of the city.\n"
    )

    def test_wrapped_lines_become_one_paragraph_with_cut_words_mended(self):
        (only,) = blocks(self.WRAPPED, "paragraph")

        assert "international trade" in only
        assert "season has" in only
        assert "self-governed" in only

    def test_a_paragraph_that_an_empty_line_cuts_in_two_is_joined(self):
        first, second = self.WRAPPED.split("inter-\n")

        assert len(blocks(first + "trade that is\n\nof " + second, "paragraph")) == 1

    def test_a_text_with_a_paragraph_a_line_keeps_them_apart(self):
        assert len(blocks(f"{LONG}\n{LONG} Twice.\n{LONG} Thrice.", "paragraph")) == 3

    def test_chinese_lines_are_joined_without_a_space(self):
        assert (
            clean_plain("创意城市网络由多个\n城市组成，每个城\n市都有一个领域。")
            == "创意城市网络由多个城市组成，每个城市都有一个领域。"
        )

    def test_bullets_of_any_kind_become_items(self):
        text = "The guild needs:\n  • strings;\n  ▪ wood; and\n  \uf0b7 varnish.\n•\nglue"

        assert lines(text)[2:] == ["- strings;", "- wood; and", "- varnish.", "- glue"]

    def test_lines_that_fall_into_cells_become_a_table(self):
        text = "Year   City       Field\n2011   Lisvale    Music\n2013   Osmere     Design"

        assert lines(text) == ["| Year | City | Field |", "| 2011 | Lisvale | Music |", "| 2013 | Osmere | Design |"]


class TestColumns:
    def test_columns_with_a_gutter_are_read_down(self):
        text = (
            "Cities send a form in spring      A city keeps its field for\n"
            "and wait for the jury, which      as long as it is a member,\n"
            "meets in the autumn.              and writes a report."
        )

        assert blocks(text, "paragraph") == [
            "Cities send a form in spring and wait for the jury, which meets in the autumn.",
            "A city keeps its field for as long as it is a member, and writes a report.",
        ]

    def test_columns_without_a_gutter_are_not_made_into_sentences(self):
        text = (
            "Here is what the guild wants to do.\n\n"
            "Mend the harbour walls Teach luthiers and Open the halls\n"
            "before the winter comes makers of bows of the town to\n"
            "and the storms begin to in small groups young musicians\n\n"
            "The guild is old."
        )

        kept = blocks(text, "paragraph")

        assert "Mend the harbour walls Teach luthiers and Open the halls" in kept
        assert len(kept) == 5

    def test_prose_with_names_is_no_block_of_columns(self):
        prose = ["", "The harbour of Lisvale and the Guild of Bows meet", "in autumn when the Harbour Feast begins", ""]

        assert part_columns(prose) == prose


class TestRecognitionFaults:
    def test_a_name_with_look_alike_letters_is_mended(self):
        text, changes = mend_words("UNESCOQO's halls, UNESC0 and the UNESCO list, with CLEAN WATER ANDSANITATI0N")

        assert text == "UNESCO's halls, UNESCO and the UNESCO list, with CLEAN WATER AND SANITATION"
        assert changes["UNESCOQO"] == "UNESCO"

    @pytest.mark.parametrize("word", ["UNESCAP", "CITES", "INFORMATION", "ANDORRA", "MUSICO", "LISVALE", "H2O", "2030"])
    def test_a_word_that_is_merely_rare_is_left_alone(self, word):
        assert mend_words(f"{word} UNESCO CITIES DESIGN DESIGN DESIGN") == (
            f"{word} UNESCO CITIES DESIGN DESIGN DESIGN",
            {},
        )

    def test_a_quotation_comes_with_its_speaker(self):
        text = (
            f"{LONG}\n\n‘ ‘ A port is a place where songs change hands.\n\n- Ada Merrow\nMaster of the Guild\n\n{LONG}"
        )

        assert "Ada Merrow, Master of the Guild: “A port is a place where songs change hands.”" in lines(text)

    def test_a_list_with_strokes_loses_its_empty_places(self):
        assert lines("Fields of the network:\n\n/ / Film / Music /\nMedia Arts")[-3:] == [
            "- Film",
            "- Music",
            "- Media Arts",
        ]


class TestStructure:
    def test_a_title_stands_first_and_the_site_and_the_date_below_it(self):
        text = f"Norland News\n\nLisvale becomes a City of Music\n\n2011-10-19 09:30:00\n\n{LONG}"

        assert lines(text)[:5] == ["# Lisvale becomes a City of Music", "", "Norland News", "", "2011-10-19 09:30:00"]

    def test_a_short_line_between_paragraphs_is_a_heading(self):
        text = f"Lisvale, City of Music\n\n{LONG}\n\nWhat the guild does\n\n{LONG}\n\nWho pays for it?\n\n{LONG}"

        assert blocks(text, "heading") == ["Lisvale, City of Music", "What the guild does", "Who pays for it?"]

    def test_a_repeated_heading_stands_once(self):
        assert blocks(f"Lisvale, City of Music\n\nLISVALE, CITY OF MUSIC\n\n{LONG}", "heading") == [
            "Lisvale, City of Music"
        ]

    def test_a_label_is_a_heading_and_an_empty_one_goes(self):
        text = f"About the guild: \n{LONG}\nAdded worth:\n{LONG}\nReports:"

        assert blocks(text, "heading") == ["About the guild", "Added worth"]
        assert "Reports" not in clean_plain(text)

    def test_an_address_behind_a_label_that_promises_a_date_is_a_contact(self):
        text = f"About the guild:\n{LONG}\nMember since:\nAda Merrow, Master of the Guild ada@lisvale.example"

        assert lines(text)[-3:] == ["## Contact", "", "Ada Merrow, Master of the Guild ada@lisvale.example"]

    def test_a_real_date_keeps_its_label(self):
        assert blocks(f"About the guild:\n{LONG}\nMember since:\n2011", "heading")[-1] == "Member since"

    def test_numbered_lines_are_a_list_and_a_numbered_line_above_a_text_is_a_heading(self):
        text = f"Steps\n\n{LONG}\n\n1.Write the form\n\n2. Send it\n\n{LONG}\n\n3.What follows\n\n{LONG}"

        assert "1. Write the form\n2. Send it" in clean_plain(text)
        assert "## 3. What follows" in lines(text)

    def test_what_follows_a_colon_in_like_lines_is_a_list(self):
        text = (
            f"The guild meets in order to:\n\nmend what is broken;\n\nteach what is known;\n\nsing.\n\n{LONG}\n\n"
            "Till now the guild has three halls in the city, one for each trade:\n\n\nOne hall of bows (north).\n\n\n"
            "Two halls of strings (east, west)\n\n\nRoom for all\n\n"
        )

        assert "- mend what is broken;\n- teach what is known;\n- sing." in clean_plain(text)
        assert "- One hall of bows (north).\n- Two halls of strings (east, west)\n- Room for all" in clean_plain(text)

    def test_a_time_line_is_one_list_below_its_note(self):
        text = (
            f"{LONG}\n\n2.How to apply\n\n*This is how it went in 2019.\n\n\nPhase I: Call\n\nMar 4  Call opens\n\n"
            "Jun 28   Last day\n\n\nPhase 2: Jury\n\nOct 30  List is out\n\n"
        )

        assert lines(text)[-9:] == [
            "## 2. How to apply",
            "",
            "This is how it went in 2019.",
            "",
            "- Phase I: Call",
            "- Mar 4 Call opens",
            "- Jun 28 Last day",
            "- Phase 2: Jury",
            "- Oct 30 List is out",
        ]

    def test_dates_on_lines_of_their_own_join_what_stands_below(self):
        assert lines(f"{LONG}\n\n4 March 2019\n\nCall opens\n\n28 June 2019\n\nLast day")[-2:] == [
            "- 4 March 2019: Call opens",
            "- 28 June 2019: Last day",
        ]

    def test_key_value_lines_stay_apart(self):
        text = f"{LONG}\n\nThe feast\n\nDate 4 June 2019 Old hall\nTheme Songs of the sea\nHost The guild\n\n{LONG}"

        assert "- Date 4 June 2019 Old hall\n- Theme Songs of the sea\n- Host The guild" in clean_plain(text)

    def test_captions_and_link_labels_go_and_credits_stand_alone(self):
        pictures = "The photo of the hall.\nThe photo of the hall."
        text = f"{LONG}\n\n{pictures}\n\nDownload Link:\n\n{LONG} (Translated by Ada)\n\nEditor:Ben"

        cleaned = lines(text)

        assert not any("photo" in line or "Download" in line for line in cleaned)
        assert cleaned[-3:] == ["(Translated by Ada)", "", "Editor: Ben"]

    def test_a_text_that_states_its_headings_gets_no_others(self):
        assert blocks(f"# Lisvale\n\nA short line\n\n{LONG}", "heading") == ["Lisvale"]

    def test_menus_above_the_text_do_not_become_headings(self):
        text = f"Home\n\nCities\n\nCalls\n\nContact us\n\nLisvale becomes a City of Music today\n\n{LONG}"

        assert blocks(text, "heading") == ["Lisvale becomes a City of Music today"]


class TestDescription:
    @pytest.mark.parametrize(
        ("text", "iso"),
        [
            ("24 June 2022", "2022-06-24"),
            ("June 24th, 2022", "2022-06-24"),
            ("06 24, 2022", "2022-06-24"),
            ("2022/06/24", "2022-06-24"),
            ("2022年6月24日", "2022-06-24"),
            ("2022-06-24T14:59:33Z", "2022-06-24"),
            ("24.06.2022", "2022-06-24"),
            ("le 1er mars 2025", "2025-03-01"),
            ("3 de marzo de 2025", "2025-03-03"),
            ("17-18 September 2020", "2020-09-17"),
            ("in June 2022", "2022-06"),
            ("2016", "2016"),
            ("03/04/2022", "2022"),
            ("31 February 2022", "2022-02"),
            ("room 20221", ""),
            ("the 2022-2023 edition", ""),
        ],
    )
    def test_dates_are_read_in_many_spellings(self, text, iso):
        assert find_date(text) == iso

    def test_title_byline_and_date_are_found_at_the_top(self):
        about = describe(
            clean_plain(f"Press note | The harbour feast of Lisvale, 2019 edition\n\n港口中心 | 06 24, 2019\n\n{LONG}")
        )

        assert (about.title, about.publisher, about.published) == (
            "The harbour feast of Lisvale, 2019 edition",
            "港口中心",
            "2019-06-24",
        )

    def test_a_lone_year_near_the_end_is_the_year_of_publication(self):
        assert (
            describe(clean_plain(f"What is the guild?\n\n{LONG}\n\nMade with the help of Osmere\n\n2016")).published
            == "2016"
        )

    def test_the_day_of_an_event_is_what_an_undated_page_speaks_of(self):
        about = describe(
            clean_plain(f"The harbour feast\n\n{LONG}\n\nTime and place June 4-5, 2019 Old hall\nTheme Songs")
        )

        assert (about.published, about.as_of) == ("", "2019-06-04")

    def test_a_title_that_says_nothing_gets_the_name_that_the_text_is_about(self):
        text = (
            "About the creative city:\n"
            + "The port of Osmere is old. People of Osmere sing, and Osmere pays for it. " * 3
        )

        assert describe(clean_plain(text)).title == "About the creative city: Osmere"

    @pytest.mark.parametrize(
        ("text", "language"),
        [
            (LONG, "en"),
            ("La ville est dans le réseau et les artistes sont sur le port.", "fr"),
            ("La ciudad es miembro de la red y los artistas se reúnen en el puerto.", "es"),
            ("Die Stadt ist Mitglied und die Künstler sind auf dem Markt.", "de"),
            ("创意城市网络", "zh"),
            ("デザインの都市", "ja"),
            ("Город дизайна", "ru"),
            ("", "en"),
        ],
    )
    def test_the_language_is_told_by_script_and_short_words(self, text, language):
        assert guess_language(text) == language


PIECES = st.sampled_from(
    [
        *(
            "# ",
            "## ",
            "- ",
            "* ",
            "• ",
            "1. ",
            "2) ",
            "3.A",
            "| a | b |",
            "|---|---|",
            "|",
            "--",
            "***",
            "/ / Film / Music / Art",
        ),
        *(
            "The city",
            "of",
            "Design",
            "Member since:",
            "a@b.org",
            "word;",
            "end.",
            "ends:",
            "About",
            "Upper Case Title",
            "café",
        ),
        *(
            "2021",
            "June 24, 2022",
            "Mar 16  Call",
            "Phase I: x",
            "‘ ‘",
            "“",
            "”",
            "- Ada Merrow",
            "a-",
            "lower case line " * 4,
        ),
        *(
            "**b**",
            "[a](b)",
            "<b>",
            "&amp;",
            "&lt;",
            "__",
            "`",
            "中文",
            "。",
            "?",
            "::",
            "\u200b",
            "\ufb01",
            "\u00ad",
            "\x7f",
        ),
        *(" ", "   ", "\t", "\n", "\n\n", "\r\n", "\x0c"),
    ]
)
TEXTS = st.one_of(
    st.text(max_size=200),
    *(st.lists(PIECES, max_size=25).map(between.join) for between in ("", "\n", "\n\n")),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_any_text_can_be_cleaned_and_cleaning_again_changes_nothing(text):
    cleaned = clean_plain(text)

    assert clean_plain(cleaned) == cleaned
    assert normalise(cleaned) == cleaned
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs") for char in cleaned if char != "\n")
    describe(cleaned)


@pytest.mark.parametrize(
    "piece",
    [
        f"{LONG}\n\nShort line\n\n",
        "the city of music and the port of songs\n",
        "a",
        "*",
        "<!--",
        ". ",
        "\n",
        "Abc: x / y\n",
    ],
)
def test_a_long_text_is_cleaned_in_seconds(piece):
    text = (piece * (1_000_000 // len(piece)))[:300_000]
    start = time.process_time()

    clean_plain(text)

    assert time.process_time() - start < 3  # a third of a megabyte; quadratic work would take minutes


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the originals are not here")
class TestOriginals:
    """The scraped pages themselves, as they are."""

    @staticmethod
    def cleaned(number):
        (path,) = SEEDS.glob(f"{number:03}_*.txt")
        return clean_plain(path.read_text(encoding="utf-8"))

    @pytest.mark.parametrize(
        ("number", "title", "date"),
        [
            (0, "About the Creative City: Beijing", ""),
            (1, "Creative Cities Network (UCCN)", "2020-09-17"),
            (2, "UNESCO Creative Cities Network in China, 2022-2023 Edition", "2022-06-24"),
            (3, "What is the UNESCO Creative Cities Network?", "2016"),
            (4, "Chongqing recognized as a Global City of Design", "2023-11-03"),
        ],
    )
    def test_title_and_date_are_found(self, number, title, date):
        about = describe(self.cleaned(number))

        assert (about.title, about.published or about.as_of) == (title, date)

    @pytest.mark.parametrize(
        ("number", "headings"),
        [
            (0, ["About the Creative City", "Added Value", "Contact"]),
            (1, ["About the activity", "Concept Note", "The 3rd UNESCO Creative Cities Beijing Summit"]),
            (2, ["2. Application process and requirements", "3. Analysis of historical development"]),
            (3, ["Why cities? Why creativity?", "One Mission Statement, Multiple Common Objectives"]),
            (4, ["Chongqing takes effective measures to build a City of Design"]),
        ],
    )
    def test_headings_are_found(self, number, headings):
        found = [block.text for block in parse(self.cleaned(number)) if block.kind == "heading"]

        assert [heading for heading in found if heading in headings] == headings

    @pytest.mark.parametrize(("number", "items"), [(0, 5), (1, 10), (2, 19), (3, 7), (4, 0)])
    def test_list_items_are_found(self, number, items):
        assert sum(block.kind == "item" for block in parse(self.cleaned(number))) == items

    def test_the_person_behind_the_label_of_a_date_is_a_contact(self):
        section = self.cleaned(0).partition("## Contact\n\n")[2]

        assert "@" in section
        assert "Member since" not in self.cleaned(0)

    def test_each_step_of_the_time_line_keeps_its_date_below_the_year(self):
        text = self.cleaned(2)

        assert text.index("timeline for 2021") < text.index("- Mar 16 Call") < text.index("- Oct 29 List")
        assert "#" not in text[text.index("timeline for 2021") : text.index("- Oct 29 List")]

    def test_the_leaflet_has_no_recognition_faults_left_and_no_sentence_across_columns(self):
        text = self.cleaned(3)

        assert "UNESCOQO" not in text
        assert "INNOVATION AND INFRASTRUCTURE" in text
        assert "Irina Bokova, Director-General of UNESCO: “" in text
        assert "\n\nStimulate and enhance Strengthen the creation,\n\n" in text

    def test_captions_go_and_the_people_behind_the_news_stay(self):
        text = self.cleaned(4)

        assert "screenshot" not in text
        assert text.split("\n\n")[-2].startswith("(Translated by")
        assert text.endswith("Editor: Jiang Yiwei")
