"""Record a build: what models said in it, into one file that the engine `replay` plays back."""

from collections.abc import Iterator
from pathlib import Path

from egoetl.core.errors import CallerError
from egoetl.core.exchanges import Exchange
from egoetl.core.ledger import Build
from egoetl.core.recipe import MODEL, REPLAY, ROLE, Recipe
from egoetl.core.records import Record
from egoetl.engines.replay.recording import Header, RecordedModel, write_recording
from egoetl.runner.tools import Tools
from egoetl.storage.parts import PartReader


class RecordedBuild(Record):
    """What was written."""

    build: str
    file: str
    replies: int
    size_bytes: int
    models: tuple[str, ...]


def record_build(tools: Tools, name: str, out: Path) -> RecordedBuild:
    """Write a build's raw replies, and those of earlier builds whose results it reused.

    Raises:
        CallerError: there is no such build (`build_unknown`), no model answered in it (`nothing_recorded`), or `out` cannot be
            written (`file_not_writable`).
        ConfigError: this installation does not know a model of the build any more.
    """
    build = tools.ledger.build(name)
    recipe = tools.recipe_of(build.spec)
    roles = {role: _model(tools, recipe, role) for role in sorted(recipe.roles)}
    models = tuple(sorted({each.identity for each in roles.values() if each is not None}))
    if not models:
        raise CallerError(
            f"No model answered in build {name}, only the measured engine; there is nothing to record.", reason="nothing_recorded"
        )
    header = Header(
        recipe=recipe.name,
        settings={key: value for key, value in sorted(build.spec.recipe_settings.items()) if not key.startswith(f"{ROLE}.")},
        roles=roles,
        decoder=tools.media.decoder,
        licence=f"Replies of {', '.join(models)}: what may be done with them, the licences of these models say.",
    )
    try:
        replies = write_recording(out, header, _exchanges(tools, build))
    except OSError as error:
        raise CallerError(f"{out} cannot be written: {error.strerror}.", reason="file_not_writable") from error
    return RecordedBuild(build=name, file=str(out), replies=replies, size_bytes=out.stat().st_size, models=models)


def _model(tools: Tools, recipe: Recipe, role: str) -> RecordedModel | None:
    binding = recipe.roles[role]
    if binding.engine not in (MODEL, REPLAY):
        return None
    spec = tools.models.spec_of(binding)
    return RecordedModel(model=spec.model, revision=spec.revision, look=spec.look)


def _exchanges(tools: Tools, build: Build) -> Iterator[Exchange]:
    reader = PartReader(tools.store)
    for pointer in tools.exports.replies(build.seq):
        yield reader.record(pointer.part, pointer.row, Exchange)
