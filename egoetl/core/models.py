"""A model: what it is, how it looks and listens, and how it is reached. Data; it reads no file and opens no connection."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from egoetl.core.records import Record

Processor = Literal["qwen2.5-omni", "qwen2.5-vl"]
"""Processors whose token arithmetic is known."""


class FramePolicy(Record):
    """How a model is shown a segment: part of the content key of whatever it says.

    Pictures are taken from the sampled container, so `fps` is at most the rate of the stage `frames`.
    `pictures`: `container` is one small video with the sound in it, `frames` one video part made of JPEGs that the server does
    not sample again, `images` one part for each picture. `sound`: `interleaved` lies in the container and is read in time with
    the pictures, `separate` is a part of its own, 16 kHz mono.
    """

    fps: float = Field(default=2.0, gt=0, le=60)
    """Pictures a second. Interleaved sound needs at least 1: it lies between pictures in stretches of 2 s."""
    max_frames: int = Field(default=32, ge=1, le=1024)
    """Most pictures; where there are more, every second of them is shown, or every third, and so on."""
    min_pixels: int = Field(default=128 * 28 * 28, ge=28 * 28)
    """Fewest pixels of a picture, width by height, after the processor's own scaling."""
    max_pixels: int = Field(default=448 * 448, ge=28 * 28)
    """Most pixels of a picture."""
    pictures: Literal["container", "frames", "images"] = "images"
    sound: Literal["none", "separate", "interleaved"] = "none"
    processor: Processor | None = None
    """Whose token arithmetic holds; None for a model that is only reached over the network."""

    @model_validator(mode="after")
    def _can_be_shown(self) -> "FramePolicy":
        if self.min_pixels > self.max_pixels:
            raise ValueError(f"min_pixels = {self.min_pixels} is more than max_pixels = {self.max_pixels}")
        if self.sound != "none" and self.processor == "qwen2.5-vl":
            raise ValueError('processor = "qwen2.5-vl" hears nothing: set sound = "none"')
        if self.sound == "interleaved" and self.pictures != "container":
            raise ValueError('sound = "interleaved" needs pictures = "container"')
        if self.sound == "interleaved" and self.processor != "qwen2.5-omni":
            raise ValueError('sound = "interleaved" is known to work for processor = "qwen2.5-omni" alone: set sound = "separate"')
        if self.sound == "interleaved" and self.fps < 1:
            raise ValueError(f'sound = "interleaved" needs fps of at least 1, not {self.fps:g}')
        return self


class Launch(Record):
    """How `vllm serve` is started for a model that egoetl serves itself."""

    gpus: int = Field(default=1, ge=0)
    """Tensor parallel size; 0: on the CPU."""
    memory_fraction: float = Field(default=0.9, gt=0, le=1)
    """Share of a GPU's memory that the server takes."""
    max_model_len: int | None = Field(default=None, ge=256)
    """Longest request with its reply, in tokens; None: the checkpoint's own limit."""
    max_num_seqs: int = Field(default=64, ge=1)
    """Requests in one batch."""
    dtype: Literal["auto", "bfloat16", "float16", "float32"] = "auto"
    start_seconds: float = Field(default=1800.0, gt=0)
    """How long loading may take."""
    extra: tuple[str, ...] = ()
    """Further arguments of `vllm serve`."""


class ModelSpec(Record):
    """A model and how to reach it: an `endpoint`, or a server of our own (`launch`)."""

    name: str
    model: str
    """What the model is called: an id such as `Qwen/Qwen2.5-Omni-7B`, or the last part of a local checkpoint's path."""
    revision: str
    """Which state of it: a commit of the hub, or the digest of a local checkpoint's files."""
    checkpoint: str | None = None
    """Folder of a local checkpoint; None: the id is fetched by the server from its cache or hub."""
    endpoint: str | None = None
    """Base URL of an OpenAI-compatible server, up to and with `/v1`; it holds no key."""
    api_key: str | None = None
    """Name of the variable, or of the file in the folder of secrets, that holds the endpoint's key."""
    launch: Launch | None = None
    look: FramePolicy | None = None
    """None: a model that reads text only."""
    thinks: bool = False
    """Whether its replies may begin with a `<think>` block, which is cut off and counted."""
    in_flight: int = Field(default=64, ge=1)
    """Most requests at once."""
    deadline_seconds: float = Field(default=600.0, gt=0)
    """How long a request may take, all tries of it together."""
    extra_body: dict[str, Annotated[str | int | float | bool, Field()]] = Field(default_factory=dict[str, str | int | float | bool])
    """Further fields of every request, for an endpoint that wants them."""

    @property
    def identity(self) -> str:
        """`id@revision`, part of every content key."""
        return f"{self.model}@{self.revision}"
