import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egoetl.engines.chat.thinking import cut_thinking
from egoetl.testing.chat_answers import Call, Said
from egoetl.testing.chat_samples import ANSWER, a_request, an_engine
from egoetl.testing.chat_server import ChatServer

plain = st.text().filter(lambda text: "think>" not in text)
answers = st.dictionaries(st.text(), st.text() | st.just("<think>no</think>")).map(json.dumps)


@pytest.mark.parametrize(
    ("text", "answer", "thinking"),
    [
        ("<think>A hand.</think>{}", "{}", "A hand."),
        ("A hand.\n</think>\n\n{}", "{}", "A hand."),
        ("<think>A hand. It", "", "A hand. It"),
        ("<think>one</think><think>two</think>{}", "{}", "onetwo"),
        ("<think>one</think><think>two", "", "onetwo"),
        ("<think>I <think>twice</think> over</think>{}", "{}", "I twice over"),
        ('<think>{"a": 1}?</think>{"a": 2}', '{"a": 2}', '{"a": 1}?'),
        ('<think>so</think>{"a": "</think>"}', '{"a": "</think>"}', "so"),
        ('{"a": "</think>"}', '{"a": "</think>"}', ""),
        ("<think></think>", "", ""),
        ("", "", ""),
    ],
)
def test_an_answer_is_parted_from_its_thinking(text: str, answer: str, thinking: str) -> None:
    assert cut_thinking(text) == (answer, thinking)


@given(plain)
def test_a_text_without_thinking_stays(text: str) -> None:
    assert cut_thinking(text) == (text, "")


@given(plain, answers, st.sampled_from(["", "<think>", "\n<think>\n"]))
def test_what_is_thought_never_reaches_the_answer(thought: str, answer: str, opening: str) -> None:
    cut = cut_thinking(f"{opening}{thought}</think>\n{answer}")
    assert cut.answer == answer
    assert cut.thinking == thought.strip()


@pytest.mark.parametrize(
    ("said", "thinks", "status", "text", "thinking"),
    [
        (Said(f"<think>A drawer.</think>{ANSWER}"), True, "ok", ANSWER, "A drawer."),
        (Said(f"<think>A drawer.</think>{ANSWER}"), False, "ok", f"<think>A drawer.</think>{ANSWER}", ""),
        (Said(ANSWER, reasoning="A drawer."), True, "ok", ANSWER, "A drawer."),
        (Said("<think>A drawer.</think>"), True, "empty", "", "A drawer."),
        (Said("<think>A drawer, or", finish_reason="length"), True, "truncated", "", "A drawer, or"),
        (Said(None, finish_reason="length", reasoning="A drawer, or"), True, "truncated", "", "A drawer, or"),
    ],
)
async def test_a_model_that_thinks(said: Said, thinks: bool, status: str, text: str, thinking: str) -> None:
    async def responder(_: Call) -> Said:
        return said

    with ChatServer(responder) as server:
        engine = an_engine(server.endpoint, thinks=thinks)
        reply = await engine.ask(a_request())
        await engine.close()
    assert (reply.status, reply.text, reply.thinking) == (status, text, thinking)
