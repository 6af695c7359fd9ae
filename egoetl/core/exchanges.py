"""One request to a model and what came back, as it is kept beside a build: invalid replies too."""

from typing import Annotated

from pydantic import BeforeValidator

from egoetl.core.ports import Reply, ReplyStatus
from egoetl.core.records import Record, UnitKind


def encodable(text: str) -> str:
    """A text that UTF-8 can hold: JSON may bring half a surrogate pair, which is then shown as an escape."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


Said = Annotated[str, BeforeValidator(lambda value: encodable(value) if isinstance(value, str) else value)]
"""What a model or a server said."""


class Exchange(Record):
    """A request, known by its key, and the reply to it. It holds no message, media, header or address.

    Exchanges of a build lie in part files under `replies/`, in the order in which they were made; each is a row of the lineage
    table `reply`.
    """

    stage: str
    unit_kind: UnitKind
    unit_id: str
    ordinal: int
    """Which of the exchanges that one attempt at the unit made, from 0."""
    role: str
    task: str
    model: str
    """`id@revision` of the model that was asked."""
    request: str
    """`Request.key`. The same request may be made twice: after a reply of another model, and in another attempt."""
    turn: int
    """0: the question; 1 and more: it was asked again, with a corrective turn, with more tokens, or with another seed."""
    status: ReplyStatus
    """As judged: `ok` and `repaired` are right, any other is none of the stage's affair."""
    answered: ReplyStatus
    """As the engine gave it, before it was judged."""
    text: Said
    """What the model said, without a block of thinking."""
    thinking: Said = ""
    """The block that was cut off."""
    detail: Said = ""
    """What is wrong, in words."""
    finish_reason: Said | None = None
    answered_by: Said | None = None
    """The model that the server says has answered."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    seconds: float
    tries: int = 1

    @classmethod
    def of(cls, reply: Reply, **asked: object) -> "Exchange":
        """The exchange that ended with this reply of an engine. `asked` are the other fields; `detail` may say more than the reply's."""
        came = {"answered": reply.status, "answered_by": reply.model, **reply.model_dump(exclude={"status", "model"})}
        return cls.model_validate({**came, **asked})

    @property
    def reply(self) -> Reply:
        """The reply as the engine gave it, to be judged again."""
        came = self.model_dump(include=set(Reply.model_fields) - {"status", "model"})
        return Reply(status=self.answered, model=self.answered_by, **came)
