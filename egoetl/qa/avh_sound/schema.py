"""What a model is asked to answer with. Which of the two is true is in the field's name, so no answer can contradict it."""

from typing import Annotated

from pydantic import StringConstraints

from egoetl.core.records import Name, Record

Question = Annotated[str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True)]


class SoundQuestion(Record):
    """A yes/no question, and the sound that it asks about in the question's own words."""

    sound: Name
    question: Question


class AvhSoundReply(Record):
    """One question whose answer is yes, and one whose answer is no."""

    factual: SoundQuestion
    hallucinated: SoundQuestion
