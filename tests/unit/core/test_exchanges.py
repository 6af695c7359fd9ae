"""An exchange holds the reply as the engine gave it, so that it can be played back."""

from egoetl.core.exchanges import Exchange
from egoetl.core.ports import Reply

ASKED = {
    "stage": "mcg",
    "unit_kind": "segment",
    "unit_id": "abc_0_4000.0_4000",
    "ordinal": 0,
    "role": "text",
    "task": "mcg",
    "model": "llama@1",
    "request": "f" * 64,
    "turn": 0,
}


def test_the_reply_comes_out_as_it_went_in():
    reply = Reply(
        status="ok", text='{"half', seconds=1.5, prompt_tokens=9, completion_tokens=4, cached_tokens=2, finish_reason="stop", model="llama",
        thinking="<think>Hm.</think>", tries=3,
    )  # fmt: skip
    kept = Exchange.of(reply, **ASKED, status="off_schema", detail="EOF while parsing a string")
    assert kept.reply == reply.model_copy(update={"detail": "EOF while parsing a string"})
    assert (kept.status, kept.answered, kept.answered_by) == ("off_schema", "ok", "llama")
    assert Exchange.model_validate_json(kept.model_dump_json()) == kept
