"""The chat page: a Gradio app over an open assistant (the only importer of gradio).

The conversation is HTML of our own in `gr.HTML`, escaped in `pages.py`, and not `gr.Chatbot`: that one names
each message for screen readers by its raw text, tags and all, and scrolls in a box of its own on a phone.
"""

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

from fastapi import FastAPI

from assistant import strings
from assistant.chain import Assistant, Event
from assistant.errors import AssistantError
from assistant.pages import STATIC, Exchange, read_static, render_conversation, render_disclaimer, render_head
from assistant.records import Answer, Turn
from assistant.settings import Settings

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
import gradio as gr

logger = logging.getLogger(__name__)

ANSWERING_LIMIT = 32  # questions shown as being answered; a thread each, and Gradio has 40
WAITING_LIMIT = 100  # further questions in the queue; one more is told to come back later

Updates = dict[Any, Any]


def mount_chat(app: FastAPI, assistant: Assistant, settings: Settings) -> None:
    """Serve the chat at `/` of a web app."""
    gr.mount_gradio_app(
        app,
        build_chat(assistant, settings),
        path="/",
        theme=_theme(),
        css=read_static("chat.css"),
        favicon_path=str(STATIC / "favicon.svg"),
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        show_error=False,
        pwa=False,
        mcp_server=False,
        ssr_mode=False,
    )


def build_chat(assistant: Assistant, settings: Settings, *, examples: Sequence[str] = strings.EXAMPLES) -> gr.Blocks:
    """Build the page; each open tab keeps its own conversation on the server."""
    workers = ThreadPoolExecutor(settings.threads, thread_name_prefix="answer")
    static: dict[str, Any] = {"apply_default_css": False, "js_on_load": None}
    page = gr.Blocks(title=strings.NAME, analytics_enabled=False)
    with page:
        conversation = gr.State(())
        gr.HTML(render_head(assistant.sources()), elem_id="head", **static)
        with gr.Column(elem_id="welcome") as welcome:
            gr.HTML(f"<h2>{strings.EXAMPLES_TITLE}</h2>", **static)
            with gr.Row(elem_id="examples"):
                buttons = [gr.Button(example, min_width=240) for example in examples]
        view = gr.HTML(
            [],  # a list, so that only the exchange that changes is sent again
            html_template="${value.join('')}",
            js_on_load=read_static("chat.js"),
            apply_default_css=False,
            elem_id="conversation",
        )
        with gr.Column(elem_id="composer"):
            with gr.Row():
                box = gr.Textbox(
                    label=strings.QUESTION,
                    show_label=False,
                    container=False,
                    placeholder=strings.PLACEHOLDER,
                    lines=1,
                    max_lines=6,
                    max_length=settings.max_question_chars,
                    scale=1,
                    autofocus=True,
                    elem_id="question",
                )
                send = gr.Button(strings.SEND, variant="primary", scale=0, min_width=88, elem_id="send")
                stop = gr.Button(strings.STOP, scale=0, min_width=88, visible=False, elem_id="stop")
            with gr.Row(elem_id="foot"):
                gr.HTML(render_disclaimer(), elem_id="disclaimer", **static)
                clear = gr.Button(strings.CLEAR, size="sm", scale=0, min_width=64, visible=False, elem_id="clear")

        def reply(question: str, earlier: tuple[Exchange, ...]) -> Iterator[Updates]:
            if earlier and earlier[-1].progress:  # one answer at a time
                yield {box: question}
                return
            if not question.strip():
                yield {box: ""}
                return
            yield {box: "", welcome: gr.update(visible=False), **busy(True)}
            for exchange in answer_in_steps(assistant, question.strip(), earlier, workers=workers):
                exchanges = (*earlier, exchange)
                yield {conversation: exchanges, view: render_conversation(exchanges)}
            yield busy(False)

        def stopped(exchanges: tuple[Exchange, ...]) -> Updates:
            exchanges = settle(exchanges)
            return {conversation: exchanges, view: render_conversation(exchanges), **busy(False)}

        def cleared() -> Updates:
            return {
                conversation: (),
                view: [],
                welcome: gr.update(visible=True),
                **busy(False),
                clear: gr.update(visible=False),
            }

        def busy(now: bool) -> Updates:
            return {
                send: gr.update(visible=not now),
                stop: gr.update(visible=now),
                clear: gr.update(visible=True),
            }

        outputs = [conversation, view, box, welcome, send, stop, clear]
        quiet: dict[str, Any] = {"outputs": outputs, "show_progress": "hidden", "api_visibility": "private"}
        asking = {
            **quiet,
            "concurrency_id": "answers",
            "concurrency_limit": ANSWERING_LIMIT,
            "trigger_mode": "multiple",  # else a stop bars the next question until the answer ends
        }
        asked = [gr.on([box.submit, send.click], reply, [box, conversation], **asking)]
        asked += [button.click(reply, [button, conversation], **asking) for button in buttons]
        stop.click(stopped, [conversation], cancels=asked, queue=False, **quiet)
        clear.click(cleared, cancels=asked, queue=False, **quiet)
    page.queue(max_size=WAITING_LIMIT, api_open=False)
    return page


def answer_in_steps(
    assistant: Assistant, question: str, earlier: Sequence[Exchange], *, workers: Executor
) -> Iterator[Exchange]:
    """Yield the exchange as it grows; the last one is settled, with an answer or with the reason for none.

    The work is done by the workers, first come, first served, so that many visitors share few cores while each
    sees at once that the question has arrived. A worker leaves off where the visitor has left.
    """
    yield Exchange(question, progress=strings.WAITING)
    events: SimpleQueue[Event | Exception] = SimpleQueue()
    left = threading.Event()

    def work() -> None:
        try:
            for event in assistant.stream(question, history=turns(earlier)):
                events.put(event)
                if left.is_set():
                    return
            raise RuntimeError("The stream ended without an answer")  # else nobody reads this any more
        except Exception as error:
            events.put(error)

    job = workers.submit(work)
    text = ""
    instant: Answer | None = None  # what is known already while a language model rewords it
    try:
        while True:
            batch = [events.get()]
            while not events.empty():  # what has come meanwhile is shown in one go
                batch.append(events.get())
            for event in batch:
                if isinstance(event, Exception):
                    raise event
                if event.name == "instant":
                    text, instant, progress = "", event.answer, strings.REWORDING
                elif event.answer is not None:
                    yield Exchange(question, answer=event.answer)
                    return
                elif event.name == "status":
                    progress = event.text
                else:
                    text += event.text
                    progress = strings.REWORDING if instant else strings.WRITING
            yield Exchange(question, text=text, progress=progress, answer=instant)
    except AssistantError as error:
        yield Exchange(question, failure=str(error))
    except Exception:
        logger.exception("The chat could not answer a question")
        yield Exchange(question, failure=strings.BROKEN)
    finally:
        left.set()
        job.cancel()


def settle(exchanges: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """Close the last exchange where it was stopped before its answer was whole; an instant answer stays."""
    if not exchanges or not exchanges[-1].progress:
        return tuple(exchanges)
    last = exchanges[-1]
    if last.answer is not None:
        return (*exchanges[:-1], Exchange(last.question, answer=last.answer))
    return (*exchanges[:-1], Exchange(last.question, failure=strings.STOPPED))


def turns(exchanges: Sequence[Exchange]) -> tuple[Turn, ...]:
    """Return what was asked and answered so far, as the assistant takes it."""
    said: list[Turn] = []
    for exchange in exchanges:
        if exchange.answer is not None:
            said += [Turn("user", exchange.question), Turn("assistant", exchange.answer.answer)]
    return tuple(said)


def _theme() -> gr.themes.Base:
    """Return a theme of system fonts, so that none is fetched, and of colours with enough contrast."""
    theme = gr.themes.Base(
        primary_hue=gr.themes.colors.sky,
        neutral_hue=gr.themes.colors.slate,
        text_size=gr.themes.sizes.text_lg,
        radius_size=gr.themes.sizes.radius_lg,
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    )
    return theme.set(
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_400",
        color_accent="*primary_700",
        color_accent_soft="*primary_100",
        link_text_color="*primary_700",
        link_text_color_dark="*primary_300",
        border_color_accent="*neutral_400",
        border_color_accent_dark="*neutral_500",
        input_background_fill="white",
        input_background_fill_dark="*neutral_800",
        input_border_color="*neutral_400",
        input_border_color_dark="*neutral_500",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover_dark="*primary_600",
        button_primary_text_color="white",
        button_secondary_background_fill="*neutral_50",
        button_secondary_background_fill_hover="*primary_50",
        button_secondary_background_fill_dark="*neutral_800",
        button_secondary_background_fill_hover_dark="*neutral_700",
        button_secondary_border_color="*neutral_300",
        button_secondary_border_color_dark="*neutral_600",
        button_secondary_text_color="*neutral_800",
        button_secondary_text_color_dark="*neutral_100",
    )
