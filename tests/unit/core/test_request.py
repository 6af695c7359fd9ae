"""What a request's key holds: it finds recorded replies, so it must not change for requests of older releases."""

from egoetl.core.ports import Message, Request, Sampling, turns_of
from egoetl.core.records import Drop
from egoetl.core.replies import NarrationReply, PlainReply, written
from egoetl.testing.chat_samples import a_request


def request(*messages: Message, stills: tuple[bytes, ...] = ()) -> Request:
    told = messages or (Message(role="user", content="Which?"),)
    return Request("predict", Drop(reason="none"), told, None, PlainReply, Sampling(), stills=stills)  # type: ignore[arg-type] - the item is not looked at


def test_the_key_of_a_request_without_stills_is_that_of_releases_that_knew_none() -> None:
    assert a_request(3).key == "c8828e7668152b59abac4f5f40952e602529bbfc513c8ce1ec0bbdc066d4016d"


def test_each_still_and_their_order_are_in_the_key() -> None:
    keys = [request(stills=stills).key for stills in ((), (b"one",), (b"one", b"two"), (b"two", b"one"))]
    assert len(set(keys)) == 4
    assert request(stills=(b"one", b"two")).key == keys[2]


def test_earlier_turns_are_messages_and_so_in_the_key() -> None:
    said = turns_of((("Which?", "B"), ("When?", "[[1, 2]]")))
    assert [(each.role, each.content) for each in said] == [
        ("user", "Which?"), ("assistant", "B"), ("user", "When?"), ("assistant", "[[1, 2]]"),
    ]  # fmt: skip
    assert request(*said, Message(role="user", content="What?")).key != request(Message(role="user", content="What?")).key


def test_asked_again_the_stills_stay_with_their_question() -> None:
    first = request(*turns_of((("Which?", "B"),)), Message(role="user", content="When?"), stills=(b"one",))
    again = first.again(Message(role="assistant", content="?"), Message(role="user", content="Say it again."))
    assert (first.question, again.question, again.stills) == (2, 2, (b"one",))


def test_plain_text_is_written_as_it_is_and_any_other_reply_as_json() -> None:
    assert written(PlainReply(text=" B, I think.\n")) == " B, I think.\n"
    assert written(NarrationReply(caption="It was so.")) == '{"caption":"It was so."}'
