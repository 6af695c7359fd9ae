"""ingest: find the files of a source that are new, register each video once by its bytes, and leave it waiting for its night."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Literal, NamedTuple

from egoetl.core.arrivals import FoundVideo, KnownArrival, NotVideo
from egoetl.core.recipe import Recipe
from egoetl.core.records import Record
from egoetl.core.sources import SourceFile, SourceRoot
from egoetl.runner.arriving import Looking
from egoetl.runner.tools import Tools

RETRIED = frozenset({"video_unreadable"})
"""What may be mended without the file changing."""
UNEXPECTED = "unexpected_"
"""What such reasons begin with: a defect of egoetl or a trouble of its machine, such as no memory, and not the file's own."""


class Arrived(Record):
    """A file that brought something new, or a name for something known."""

    path: str
    what: Literal["new", "duplicate"]
    video_id: str
    sha256: str
    clips: int
    night: date | None


class Refused(Record):
    """A file that brought no video."""

    path: str
    reason: str
    message: str


class Ingested(Record):
    """What an ingest found. In a dry run nothing is read, so `to_read` files are neither `new` nor anything else yet."""

    dataset: str
    source: str
    dry_run: bool
    files: int
    unchanged: int
    new: tuple[Arrived, ...] = ()
    duplicates: tuple[Arrived, ...] = ()
    refused: tuple[Refused, ...] = ()
    waiting: tuple[Refused, ...] = ()
    to_read: tuple[str, ...] = ()
    bytes_to_read: int = 0


class IngestProgress(NamedTuple):
    """How far the reading is."""

    files: int
    total_files: int
    read_bytes: int
    total_bytes: int


TellProgress = Callable[[IngestProgress], object]


def ingest(tools: Tools, source: str, recipe: Recipe, *, dry_run: bool, tell: TellProgress) -> Ingested:
    """Register what is new below a source for a recipe's dataset. What was registered before an interruption stays registered.

    Raises:
        CallerError: `no_videos_folder`.
        ConfigError: the bucket is not there or refuses, the cache is full.
        TryAgainError: the source or the database was away for longer than patience lasts.
    """
    root = tools.source(source)
    if not root.remote:  # a prefix without objects is one where nothing has arrived yet
        root.check()
    dataset = recipe.dataset or recipe.name
    files = [file for file in root.files() if not _is_hidden(file.path)]
    changed = list(_changed(files, tools.arrivals.known(dataset, root.address)))
    return _Ingesting(tools, root, recipe, tell).run(dataset, len(files), changed, dry_run=dry_run)


class _Ingesting:
    """One call of `ingest`."""

    def __init__(self, tools: Tools, root: SourceRoot, recipe: Recipe, tell: TellProgress) -> None:
        self._tools, self._root, self._tell = tools, root, tell
        self._looking = Looking(tools, root, recipe, self._have_read)
        self._lock = threading.Lock()
        self._files, self._read, self._total_files, self._total_bytes = 0, 0, 0, 0

    def run(self, dataset: str, files: int, changed: Sequence[SourceFile], *, dry_run: bool) -> Ingested:
        """Look at what has changed."""
        refusals = [(file, self._looking.refusal(file)) for file in changed]
        unread = [refusal for _, refusal in refusals if refusal is not None]
        to_read = [file for file, refusal in refusals if refusal is None]
        self._total_files, self._total_bytes = len(to_read), sum(file.size_bytes for file in to_read)
        about = Ingested(dataset=dataset, source=self._root.address, dry_run=dry_run, files=files, unchanged=files - len(changed))
        if dry_run:
            paths = tuple(file.path for file in to_read)
            return _with_refusals(about, unread).model_copy(update={"to_read": paths, "bytes_to_read": self._total_bytes})
        for each in unread:
            self._tools.arrivals.refuse(dataset, each)
        arrived, refused, known = self._register(dataset, to_read)
        made = _with_refusals(about, [*unread, *refused])
        new = tuple(each for each in arrived if each.what == "new")
        duplicates = tuple(each for each in arrived if each.what == "duplicate")
        return made.model_copy(update={"new": new, "duplicates": duplicates, "unchanged": made.unchanged + known})

    def _register(self, dataset: str, to_read: Sequence[SourceFile]) -> tuple[list[Arrived], list[NotVideo], int]:
        """Register videos in the order of their files, several being read at once; also how many another ingest had registered."""
        arrived: list[Arrived] = []
        refused: list[NotVideo] = []
        known = 0
        for looked in self._looked_at(to_read):
            if isinstance(looked, NotVideo):
                self._tools.arrivals.refuse(dataset, looked)
                refused.append(looked)
                continue
            made = self._tools.arrivals.register(dataset, looked)
            if made.outcome == "withdrawn":
                message = "It is a video that was withdrawn; take the file out of the source."
                refused.append(NotVideo(file=looked.file, reason="video_withdrawn", message=message, sha256=looked.sha256))
            elif made.outcome == "known":
                known += 1
            else:
                arrived.append(_arrived(looked, made.outcome, made.video_id, made.night))
        return arrived, refused, known

    def _looked_at(self, to_read: Sequence[SourceFile]) -> Iterator[FoundVideo | NotVideo]:
        pool = ThreadPoolExecutor(max_workers=self._tools.settings.concurrency)
        try:
            for looked in pool.map(self._looking.look, to_read):
                with self._lock:
                    self._files += 1
                self._have_read(0)
                yield looked
        finally:
            # An interrupted ingest does not wait for long files: what was registered stays, the rest is read the next time.
            pool.shutdown(wait=False, cancel_futures=True)

    def _have_read(self, count: int) -> None:
        with self._lock:
            self._read += count
            self._tell(IngestProgress(self._files, self._total_files, self._read, self._total_bytes))


def _changed(files: Iterable[SourceFile], known: dict[str, KnownArrival]) -> Iterator[SourceFile]:
    """Those that are not as they were, or that may have been mended otherwise."""
    for file in files:
        before = known.get(file.address)
        if before is None or not before.is_of(file) or before.state == "waiting" or _may_be_mended(before.reason or ""):
            yield file


def _may_be_mended(reason: str) -> bool:
    return reason in RETRIED or reason.startswith(UNEXPECTED)


def _is_hidden(path: str) -> bool:
    """What copying programs write to until a file is whole begins with a dot."""
    return any(part.startswith(".") for part in path.split("/"))


def _with_refusals(about: Ingested, refusals: Iterable[NotVideo]) -> Ingested:
    refused, waiting = list[Refused](), list[Refused]()
    for each in sorted(refusals, key=lambda each: each.file.path):
        (waiting if each.waiting else refused).append(Refused(path=each.file.path, reason=each.reason, message=each.message))
    return about.model_copy(update={"refused": tuple(refused), "waiting": tuple(waiting)})


def _arrived(found: FoundVideo, what: Literal["new", "duplicate"], video_id: str, night: date | None) -> Arrived:
    return Arrived(path=found.file.path, what=what, video_id=video_id, sha256=found.sha256, clips=len(found.clips), night=night)
