from concurrent.futures import ThreadPoolExecutor

import pytest
from fakes import COMPILED, NO_ANSWER, ORIGINS, FakeAssistant, RewordingAssistant, answered, cite_compiled

from assistant import strings
from assistant.chain import Event
from assistant.chat import answer_in_steps, build_chat, settle, turns
from assistant.errors import QuestionError
from assistant.pages import Exchange, render_conversation
from assistant.records import Turn
from assistant.settings import Settings


@pytest.fixture
def workers():
    with ThreadPoolExecutor(1) as workers:
        yield workers


def steps_of(assistant, question, earlier=()):
    with ThreadPoolExecutor(1) as workers:
        return list(answer_in_steps(assistant, question, earlier, workers=workers))


def labels(page, kind):
    return [
        part["props"].get("value") or part["props"].get("label")
        for part in page.get_config_file()["components"]
        if part["type"] == kind
    ]


def test_answer_grows_from_progress_to_text_to_the_whole(workers):
    class InTwoParts(FakeAssistant):
        def stream(self, question, *, history=(), as_of=""):
            yield Event("delta", "It closed ")
            assert self.go.wait(30)
            yield Event("answer", answer=self.answer)

    assistant = InTwoParts()
    assistant.go.clear()
    steps = answer_in_steps(assistant, "When?", (), workers=workers)

    assert next(steps) == Exchange("When?", progress=strings.WAITING)
    assert next(steps) == Exchange("When?", text="It closed ", progress=strings.WRITING)
    assistant.go.set()
    assert list(steps) == [Exchange("When?", answer=answered())]


def test_an_instant_answer_is_shown_while_a_language_model_rewords_it(workers):
    assistant = RewordingAssistant()
    assistant.go.clear()
    steps = answer_in_steps(assistant, "When?", (), workers=workers)
    shown = next(step for step in steps if "in June" in step.text)

    assert shown == Exchange(
        "When?", answer=answered(), text="The call closed in June. [1]", progress=strings.REWORDING
    )
    html = render_conversation((shown,))[0]
    assert html.index("30 June 2021") < html.index("in June") < html.index(strings.REWORDING)
    assert 'aria-busy="true"' in html
    assert settle((shown,)) == (Exchange("When?", answer=answered()),)

    assistant.go.set()
    assert list(steps)[-1].answer.route == "llm"


def test_stream_without_an_answer_is_an_error():
    class Silent(FakeAssistant):
        def stream(self, question, *, history=(), as_of=""):
            yield Event("status", "Searching")

    assert steps_of(Silent(), "When?")[-1].failure == strings.BROKEN


def test_answer_arrives_with_all_that_it_rests_on():
    answer = answered(citations=(cite_compiled("U1", "P1"),))

    html = render_conversation(steps_of(FakeAssistant(answer), "When?"))[-1]

    for words in (ORIGINS["U1"].title, "official", COMPILED.title.replace("&", "&amp;"), "and 1 more source"):
        assert words in html


def test_conversation_so_far_reaches_the_assistant():
    assistant = FakeAssistant()
    earlier = (Exchange("Hello", answer=answered("Good day")), Exchange("Lost", failure=strings.STOPPED))

    steps_of(assistant, "And then?", earlier)

    assert assistant.asked[0].history == (Turn("user", "Hello"), Turn("assistant", "Good day"))


def test_error_of_the_assistant_is_shown_as_its_sentence():
    steps = steps_of(FakeAssistant(QuestionError("Ask one question")), "When?")

    assert steps[-1] == Exchange("When?", failure="Ask one question")


def test_unexpected_error_is_logged_and_shown_without_its_text(caplog):
    steps = steps_of(FakeAssistant(RuntimeError("password")), "my secret question")

    assert steps[-1].failure == strings.BROKEN
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_stopped_answer_is_closed_and_a_whole_one_stays():
    whole = Exchange("When?", answer=answered())

    assert settle(()) == ()
    assert settle((whole,)) == (whole,)
    assert settle((whole, Exchange("Next?", text="It", progress="Writing"))) == (
        whole,
        Exchange("Next?", failure=strings.STOPPED),
    )


def test_refusals_are_part_of_the_history():
    assert turns([Exchange("Cost?", answer=NO_ANSWER)]) == (
        Turn("user", "Cost?"),
        Turn("assistant", NO_ANSWER.answer),
    )


def test_page_names_its_controls_and_the_state_of_the_corpus():
    page = build_chat(FakeAssistant(), Settings())

    assert labels(page, "textbox") == [strings.QUESTION]
    assert set(labels(page, "button")) == {*strings.EXAMPLES, strings.SEND, strings.STOP, strings.CLEAR}
    assert any("1 document, newest of 30 June 2021" in text for text in labels(page, "html") if text)
    assert any(strings.CONTACT in text for text in labels(page, "html") if text)


def test_examples_can_be_chosen():
    page = build_chat(FakeAssistant(), Settings(), examples=["Who?"])

    assert "Who?" in labels(page, "button")
    assert strings.EXAMPLES[0] not in labels(page, "button")


def test_question_is_shown_at_once_while_all_workers_are_taken(workers):
    assistant = FakeAssistant()
    assistant.go.clear()
    first = answer_in_steps(assistant, "First?", (), workers=workers)
    assert [next(first).progress for _ in range(2)] == [strings.WAITING, "Searching 1 documents"]

    second = answer_in_steps(assistant, "Second?", (), workers=workers)

    assert next(second) == Exchange("Second?", progress=strings.WAITING)
    assistant.go.set()


def test_worker_leaves_off_where_the_visitor_has_left(workers):
    assistant = FakeAssistant(answered("word " * 100_000))
    assistant.go.clear()
    steps = answer_in_steps(assistant, "When?", (), workers=workers)
    assert [next(steps).progress for _ in range(2)] == [strings.WAITING, "Searching 1 documents"]

    steps.close()
    assistant.go.set()

    assert assistant.left.wait(10)
    assert workers.submit(lambda: "free").result(10) == "free"


def test_no_event_is_offered_to_programs():
    page = build_chat(FakeAssistant(), Settings())

    assert {fn.api_visibility for fn in page.fns.values()} == {"private"}
