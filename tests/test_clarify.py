import pytest
from small_network import CITIES, COUNTRIES, write_network
from test_refuse import opened

from assistant.records import Question, Turn
from assistant.terms import Glossary

BACK = "Which Torbeck do you mean: **Norland** or **Osterland**?"
MORE = """\
San Pedro de Mar,Norland,Europe and North America,Film,2014,,,,U1,high,
San Pedro de Sul,Osterland,Asia and the Pacific,Design,2017,,,,U1,high,
Vale de Ouro,Norland,Europe and North America,Film,2014,,,,U1,high,
Vale de Prata,Osterland,Asia and the Pacific,Design,2017,,,,U1,high,
Hafen,Republic of the Kongu,Africa,Film,2014,,,,U1,high,
Ufer,East Republic of the Kongu,Africa,Design,2017,,,,U1,high,
Strand,East Republic of the Kongu,Africa,Design,2017,,,,U1,high,
"""
SHARING = """\
Republic of the Kongu,XK,Africa,Kongulese,Kongulese,,,,,,,,
East Republic of the Kongu,XE,Africa,Kongulese,Kongulese,East Kongu,,,,,,,
"""
FRENCH = Glossary((("dans quel domaine est", "in which field is"), ("littérature", "Literature"), ("design", "Design")))


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    folder = tmp_path_factory.mktemp("network")
    corpus = write_network(folder / "corpus", cities=CITIES + MORE, countries=COUNTRIES + SHARING)
    return opened(corpus, folder / "index", glossaries={"fr": FRENCH})


def follow(assistant, *said):
    """Ask each message after what was said before it, and return the last answer."""
    history = []
    for message in said:
        answer = assistant.ask(message, history=history)
        history += [Turn("user", message), Turn("assistant", answer.answer)]
    return answer


def test_a_name_with_two_bearers_is_asked_back_where_the_answers_differ(network):
    answer = network.ask("In which field is Torbeck?")

    assert (answer.status, answer.answer, answer.citations, answer.notes) == ("clarify", BACK, (), ())
    assert answer.route is None


@pytest.mark.parametrize("question", ["torbeck city of what?", "What is Torbeck's creative field?"])
def test_however_it_is_written(network, question):
    assert network.ask(question).answer == BACK


@pytest.mark.parametrize(
    "question",
    ["When did Torbeck join the Network?", "Is Torbeck a member of the Network?", "Is Torbeck a City of Music?"],
)
def test_where_all_answers_are_the_same_they_are_given(network, question):
    answer = network.ask(question)

    assert answer.status == "answered"
    assert "Norland" in answer.answer
    assert "Osterland" in answer.answer


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ("In which field is Torbeck in Osterland?", "Design"),
        ("In which field is the Norlandish city of Torbeck?", "Film"),
        ("Since when is Torbeck a City of Film?", "Film"),
    ],
)
def test_a_country_or_field_in_the_question_settles_it(network, question, field):
    answer = network.ask(question)

    assert answer.status == "answered"
    assert f"City of {field}" in answer.answer.replace("**", "").split("\n")[0]


def test_a_question_that_neither_bearer_answers_is_refused_and_not_asked_back(network):
    assert network.ask("How many cinemas does Torbeck have?").status == "no_answer"


@pytest.mark.parametrize(
    ("reply", "field"),
    [
        ("Norland", "Film"),
        ("The Norlandish one", "Film"),
        ("in osterland please", "Design"),
        ("the City of Design", "Design"),
        ("Torbeck in Osterland", "Design"),
    ],
)
def test_a_reply_that_names_one_bearer_answers_for_it(network, reply, field):
    answer = follow(network, "In which field is Torbeck?", reply)

    assert answer.status == "answered"
    assert f"City of **{field}**" in answer.answer.split("\n")[0]
    assert answer.question == reply
    assert answer.standalone_question.startswith("In which field is Torbeck (")


def test_the_talk_goes_on_from_there(network):
    answer = follow(network, "In which field is Torbeck?", "Osterland", "And since when?")

    assert "Torbeck (Osterland)" in answer.answer
    assert "**2014**" in answer.answer
    assert "(Norland)" not in answer.answer


@pytest.mark.parametrize(
    "reply", ["What about Lisvale?", "In which field is Wessmark in Norland, and since when is it so?"]
)
def test_a_reply_that_asks_something_else_is_read_by_itself(network, reply):
    answer = follow(network, "In which field is Torbeck?", reply)

    assert answer.status == "answered"
    assert "Torbeck" not in answer.answer


def test_a_reply_that_names_none_is_not_taken_for_one(network):
    assert follow(network, "In which field is Torbeck?", "Sudmark").answer != BACK


def test_a_short_name_of_two_cities_is_asked_back(network):
    answer = network.ask("In which field is Vale?")

    assert answer.answer == "Which Vale do you mean: **Vale de Ouro** or **Vale de Prata**?"
    assert "**Design**" in follow(network, "In which field is Vale?", "de Prata, Vale de Prata").answer


@pytest.mark.parametrize(
    "question", ["How many member cities does the Kongu have?", "How many Kongulese cities are members?"]
)
def test_a_name_that_two_countries_share_is_asked_back(network, question):
    answer = network.ask(question)

    assert answer.status == "clarify"
    assert "**Republic of the Kongu** or **East Republic of the Kongu**?" in answer.answer
    assert "**2**" in follow(network, question, "East Kongu").answer


def test_a_country_that_is_named_in_full_is_not(network):
    assert network.ask("How many member cities does East Kongu have?").status == "answered"


def test_it_is_asked_in_the_language_of_the_question(network):
    question = Question("Dans quel domaine est Torbeck ?", language="fr")

    answer = network.ask(question)

    assert (answer.status, answer.language) == ("clarify", "fr")
    assert answer.answer == "De quel « Torbeck » parlez-vous : **Norlande** ou **Osterland** ?"


def test_the_stream_ends_with_the_same_question(network):
    events = list(network.stream("In which field is Torbeck?"))

    assert events[-1].answer.status == "clarify"
    assert "".join(event.text for event in events if event.name == "delta") == BACK
