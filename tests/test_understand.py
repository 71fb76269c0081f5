import pytest
from small_network import open_desk, write_network

from assistant.chunk import chunk
from assistant.records import Source, Turn
from assistant.terms import Glossary
from assistant.understand import understand
from assistant.vocabulary import Vocabulary, content_stems, fields_in, same_name

TEXT = """## Places

Lisvale joined the Network in 2011 as a City of Music. The mayor of Ardmouth invites Lisvale and Torbeck each year.
In Norland, Ardmouth and Torbeck are Cities of Film. Many cities of Norland join hands, and Lisvale leads.
The 2021 call closed on 15 May 2021. By 2018, the Network had 180 member cities. A summit took place in Ardmouth.
The director of the academy is Maren Holt. Design schools teach in Torbeck. Wessmark follows. Lisvale hosts Wessmark.
"""


@pytest.fixture(scope="module")
def vocabulary():
    return Vocabulary(chunk(Source(id="s", title="Norland", text=TEXT)))


@pytest.fixture
def read(vocabulary):
    def run(question, *said, **options):
        roles = ("user", "assistant")
        history = [Turn(roles[number % 2], text) for number, text in enumerate(said)]
        return understand(question, vocabulary, history=history, **options)

    return run


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When did Lisvale join?", "when"),
        ("What was the deadline of the 2021 call?", "when"),
        ("Until which day could a city apply?", "when"),
        ("How many cinemas are in Ardmouth?", "how_many"),
        ("Number of concert halls in Lisvale", "how_many"),
        ("What does it cost to apply?", "money"),
        ("Is there a fee?", "money"),
        ("What is the e-mail address of Lisvale?", "contact"),
        ("Whom should we write to in Torbeck?", "contact"),
        ("Who is the director of the academy?", "who"),
        ("Where did the summit take place?", "where"),
        ("Which cities are in Norland?", "list"),
        ("How does a city apply?", "process"),
        ("What are the steps of an application?", "process"),
        ("What does the abbreviation NCA stand for?", "definition"),
    ],
)
def test_the_kind_of_a_question_is_read(read, question, kind):
    assert read(question).kind == kind


@pytest.mark.parametrize(
    ("question", "need"),
    [
        ("When did Lisvale join?", "date"),
        ("How many cinemas are in Ardmouth?", "number"),
        ("What does it cost to apply?", "money"),
        ("What is the e-mail address of Lisvale?", "email"),
        ("What is the phone number of Lisvale?", "phone"),
        ("What is the website of Lisvale?", "url"),
        ("Who is the director of the academy?", "name"),
        ("In which field is Torbeck?", "field"),
    ],
)
def test_a_question_needs_a_value_of_its_sort(read, question, need):
    assert need in read(question).needs


def test_a_question_that_needs_no_value_asks_for_none(read):
    assert read("What is the purpose of the academy?").needs == ()


@pytest.mark.parametrize(
    "message",
    [
        "Hello, when did Lisvale join?",
        "Good morning! Could you please tell me when did Lisvale join?",
        "please, when did Lisvale join? Thank you.",
        "Dear team, we are a small town and quite new here. When did Lisvale join?",
        "And when did Lisvale join, please?",
    ],
)
def test_the_core_is_free_of_politeness(read, message):
    core = read(message).core.lower()

    assert "when did lisvale join" in core
    assert not any(word in core for word in ("please", "hello", "thank", "morning", "dear", "new here"))


def test_what_is_told_before_the_question_stays_where_it_names_the_subject(read):
    assert "Ardmouth" in read("We have read about Ardmouth. How many cinemas are there?").core


def test_what_is_told_before_a_question_how_many_stays_where_the_question_only_points_to_it(read):
    assert "halls" in read("There is a booklet on concert halls. How many examples are in it?").core
    assert "booklet" not in read("There is a booklet on concert halls. How many people run the summit of design?").core


@pytest.mark.parametrize(
    ("asked", "answered", "then", "meant"),
    [
        ("How many halls does Lisvale have?", "It has 14.", "What about Torbeck?", ["Torbeck", "halls"]),
        ("How many halls does Lisvale have?", "It has 14.", "And Torbeck?", ["Torbeck", "halls"]),
        ("How many member cities were there in 2018?", "180.", "And in 2022?", ["2022", "member cities"]),
        ("How many cities of Norland are Cities of Music?", "One.", "And of Film?", ["Film", "Norland"]),
        ("How many cities of Norland are Cities of Music?", "One.", "And how many for Film?", ["Film", "Norland"]),
        ("When did Lisvale join?", "In 2011.", "In which field is it?", ["Lisvale", "field"]),
        ("When did Lisvale join?", "In 2011.", "Who is its mayor?", ["Lisvale", "mayor"]),
        ("How many member cities were there in 2018?", "180.", "And one year later?", ["2019", "member cities"]),
        ("How many member cities were there in 2018?", "180.", "And two years before?", ["2016", "member cities"]),
        ("How many cinemas does Ardmouth have?", "Nine.", "And how many theatres?", ["theatres", "Ardmouth"]),
        ("Which city is a City of Music?", "Lisvale is a City of Music.", "When did it join?", ["Lisvale", "join"]),
    ],
)
def test_a_follow_up_is_read_with_what_was_said_before(read, asked, answered, then, meant):
    standalone = read(then, asked, answered).standalone

    assert all(word.lower() in standalone.lower() for word in meant), standalone


@pytest.mark.parametrize(
    ("asked", "answered", "then", "whole"),
    [
        ("When did the 2021 call open?", "In March 2021.", "and when did it close?", "When did the 2021 call close?"),
        ("Which was the first city of Sudmark?", "Lisvale.", "and the last?", "Which was the last city of Sudmark?"),
        (
            "How often do they report?",
            "Each four years since 2015.",
            "and before that?",
            "How often do they report before 2015?",
        ),
        (
            "Where did the members meet in 2024?",
            "In Lisvale.",
            "where was the 2026 one?",
            "Where did the members meet in 2026?",
        ),
        ("When did the 2021 call close?", "On 30 June.", "And the round before?", "When did the 2019 call close?"),
        (
            "When did the 2021 call close?",
            "On 30 June.",
            "OK, and the one after that?",
            "When did the 2023 call close?",
        ),
        ("When did the 2021 call close?", "On 30 June.", "Right, and the 2017 one?", "When did the 2017 call close?"),
        ("Which cities came last?", "Those of 2021.", "and the previous intake?", "Which cities came last in 2019?"),
        (
            "Where was the annual conference in 2024?",
            "It took place in Lisvale.",
            "and the one after that",
            "Where was the annual conference in 2025?",
        ),
        (
            "What is Lisvale's creative field?",
            "Lisvale (Norland) is a City of Music.",
            "any other cities there?",
            "Which other cities of the same country as Lisvale are members?",
        ),
        (
            "What goes into the report?",
            "A summary.",
            "and the architecture ones, who are they?",
            "Which are the cities of Architecture?",
        ),
        (
            "Since when is Lisvale a member?",
            "Since 2006.",
            "Who else from there?",
            "Which other cities of the same country as Lisvale are members?",
        ),
        (
            "What is Lisvale a creative city of?",
            "Of music, since 2006.",
            "and is there another one in Osterland for that?",
            "Which other cities in Osterland have the same field as Lisvale?",
        ),
    ],
)
def test_a_step_from_round_to_round_and_to_the_others_of_a_country_is_a_whole_question(
    read, asked, answered, then, whole
):
    assert read(then, asked, answered).standalone == whole


def test_before_the_calls_came_in_step_none_is_named(read):
    assert "2013" not in read("And the round before?", "How many joined in 2015?", "47 cities.").standalone


def test_a_follow_up_replaces_what_it_asks_anew(read):
    standalone = read("And in 2022?", "How many member cities were there in 2018?", "180.").standalone

    assert "2018" not in standalone
    assert "Lisvale" not in read("What about Torbeck?", "How many halls does Lisvale have?", "14.").standalone


@pytest.mark.parametrize(
    "question", ["When was the deadline of the 2025 call?", "Which cities of film are there in Asia?"]
)
def test_a_question_that_names_its_own_subject_takes_nothing_from_what_was_said_before(read, question):
    assert read(question, "Who is the mayor of Ardmouth?", "No source says it.").standalone == question


def test_a_chain_of_follow_ups_keeps_the_subject(read):
    standalone = read(
        "And in 2020?", "How many halls does Lisvale have?", "14.", "What about Torbeck?", "No source says."
    ).standalone

    assert "Torbeck" in standalone
    assert "halls" in standalone
    assert "2020" in standalone


def test_a_question_that_names_its_subject_stays_as_it_is(read):
    question = "How many cinemas does Ardmouth have?"

    assert read(question, "When did Lisvale join?", "In 2011.").standalone == question


def test_a_name_in_the_answer_to_a_date_is_not_what_the_talk_is_about(read):
    asked, answer = "What was the closing date of the 2017 call?", "16 June 2017, midnight Central European Time."
    standalone = read("And on which day did they say who had won?", asked, answer).standalone

    assert "2017 call" in standalone
    assert "Central" not in standalone


def test_a_question_without_history_stays_as_it_is(read):
    assert read("And in 2022?").standalone == "And in 2022?"


def test_two_letters_that_changed_places_are_put_back(read):
    assert "network" in read("How many cities are in the netwrok?").standalone.lower()


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Wich cities joined?", "Which cities joined?"), ("which citeis joind?", "which cities joined?")],
)
def test_a_slip_in_a_short_word_that_most_questions_have_is_mended(read, written, meant):
    assert read(written).standalone == meant


def test_a_short_word_that_is_another_one_stays(read):
    assert read("Was it a wish, a whim or a tax?").standalone == "Was it a wish, a whim or a tax?"


@pytest.mark.parametrize("written", ["Lisvalle", "Livsale", "lisvael"])
def test_a_misspelt_name_is_read_as_the_corpus_spells_it(read, written):
    query = read(f"When did {written} join?")

    assert query.names == ("Lisvale",)


@pytest.mark.parametrize("written", ["Xanadu", "Oslo", "Lima", "mail"])
def test_another_name_is_not_bent_to_a_known_one(read, written):
    assert "Lisvale" not in read(f"When did {written} join?").standalone


def test_names_years_fields_and_ordinals_are_found(read):
    query = read("How many halls had Torbeck, the third City of Film of Norland, in 2018?")

    assert set(query.names) == {"Torbeck", "Norland"}
    assert query.years == ("2018",)
    assert query.fields == ("Film",)
    assert query.ordinals == (3,)


def test_names_are_found_in_small_letters_too(read):
    assert read("when did torbeck join").names == ("Torbeck",)


def test_a_name_that_no_document_knows_is_still_a_name(read):
    assert "Samarkand" in read("When did Samarkand join?").names


def test_the_word_that_opens_a_question_is_no_name(read):
    assert read("Does a city pay?").names == ()
    assert read("May the city print T-shirts?").names == ()
    assert read("Cities of what size may apply?").names == ()


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("a city of media art", ("Media Arts",)),
        ("crafts & folk arts", ("Crafts and Folk Art",)),
        ("cinema and gastronomic routes", ("Film", "Gastronomy")),
        ("a literary town", ("Literature",)),
        ("food towns, and a writers' city", ("Gastronomy", "Literature")),
        ("in for their cooking", ("Gastronomy",)),
        ("a fund for bookshops", ()),
        ("a book on food", ()),
        ("the filming of a musical", ()),
        ("arts", ()),
    ],
)
def test_fields_are_read_in_their_spelling(text, fields):
    assert fields_in(text) == fields


@pytest.mark.parametrize(
    ("claim", "asks"),
    [
        ("Lisvale joined in 2014, is this correct?", ["When", "Lisvale", "joined"]),
        ("Ardmouth has 12 cinemas, right?", ["How many", "cinemas", "Ardmouth"]),
    ],
)
def test_a_claim_is_turned_into_the_question_that_its_value_answers(read, claim, asks):
    query = read(claim)

    assert query.asserted
    assert all(word in query.core for word in asks), query.core
    assert not any(value in query.core for value in ("2014", "12"))


def test_a_plain_question_asserts_nothing(read):
    assert not read("When did Lisvale join?").asserted
    assert not read("How many cinemas does Ardmouth have?").asserted


def test_what_is_counted_is_known(read):
    assert read("How many concert halls does Lisvale have?").counted[-1] == content_stems("halls")[0]


def test_a_question_for_the_line_of_change_is_known(read):
    assert read("How has the number of member cities changed over time?").wants_change
    assert not read("How many member cities are there?").wants_change


@pytest.mark.parametrize(
    "question", ["Which plans does Lisvale have?", "List the cities of Norland", "What are the steps?"]
)
def test_a_question_for_a_list_is_known(read, question):
    assert read(question).wants_list


def test_terms_leave_out_what_every_question_says(read):
    assert content_stems("Which creative cities of the UNESCO Network have concert halls?") == content_stems(
        "concert halls"
    )


def test_the_glossary_is_heard(read):
    glossary = Glossary((("picture house", "cinema"),))

    assert "cinema" in read("Which picture house is oldest?", glossary=glossary).core


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("China", "Chinese", True),
        ("Italian", "Italy", True),
        ("Spain", "Spanish", False),
        ("Lisvale", "lisvale", True),
        ("Lisvale", "Torbeck", False),
        ("Iran", "Iranian", True),
        ("man", "mania", False),
    ],
)
def test_a_country_and_its_adjective_are_one_name(one, other, same):
    assert same_name(one, other) is same
    assert same_name(other, one) is same


@pytest.mark.parametrize(
    "question", ["?", "...", "a", "WHEN DID LISVALE JOIN", "🎵", "什么时候？", "x" * 500, "? ? ?\n\n?"]
)
def test_whatever_is_typed_is_read(read, question):
    assert read(question).question == question
    assert read(question, "When did Lisvale join?", "In 2011.").standalone


def test_the_date_that_is_asked_for_is_kept(read):
    assert read("How many member cities are there?", as_of="2018").as_of == "2018"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Twelve cities with their tables, whose names every question is read with."""
    return open_desk(write_network(tmp_path_factory.mktemp("network")))


def test_places_of_the_tables_are_found_where_they_stand_in_the_core(desk):
    query = desk.read("Good morning! Could you tell me since when Kestrin in Osterland is a member?")

    assert [query.core[found.start : found.end] for found in query.mentions] == ["Kestrin", "Osterland"]
    assert query.mentions[0].cities == (desk.city("Kestrin"),)
    assert query.mentions[1].country == "Osterland"


def test_a_place_is_a_name_by_which_any_of_its_names_is_meant(desk):
    query = desk.read("How many Norlandish cities are Cities of Film?")

    assert query.names == ("Norland",)
    assert query.called["Norland"].search("the Kingdom of Norland")


def test_a_name_that_the_tables_do_not_know_stays_a_name_beside_a_place(desk):
    query = desk.read("Did Xanadu join before Kestrin?")

    assert set(query.names) == {"Xanadu", "Kestrin"}
    assert list(query.called) == ["Kestrin"]


def test_without_tables_no_place_is_found(read):
    query = read("When did Lisvale join?")

    assert (query.mentions, query.called) == ((), {})


def test_what_only_stands_in_longer_names_is_no_name_where_it_is_written_small(read):
    assert read("What did the maren of those days do in Lisvale?").names == ("Lisvale",)
    assert read("What did Maren do in Lisvale?").names == ("Maren", "Lisvale")


def test_what_is_sent_to_the_seat_of_unesco_is_sent_to_unesco(read):
    assert read("When does Lisvale send its report to Paris?").names == ("Lisvale",)
    assert read("When does Lisvale send a mayor to Paris-Nord?").names[:1] == ("Lisvale",)
    assert read("Who leads the secretariat in Paris with Lisvale?").names == ("Lisvale",)
    assert read("Does Lisvale like Paris?").names == ("Lisvale", "Paris")
