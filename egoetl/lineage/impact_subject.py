"""Find what somebody names: a prompt, a model, a video or a version of a stage that results were made with."""

import re
from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.errors import CallerError
from egoetl.lineage.impact_records import Subject, What
from egoetl.lineage.video_names import find_video

_SHORTEST_PREFIX = 4
_SHOWN = 5
_PROMPTS = text(
    """
    SELECT sha256, min(name) AS name FROM (
        SELECT used.value AS sha256, used.key AS name FROM stage_config CROSS JOIN jsonb_each_text(prompts) AS used
        UNION ALL
        SELECT encode(sha256, 'hex'), name FROM prompt
    ) AS known
    WHERE CASE WHEN :name = '' THEN true ELSE name = :name END AND starts_with(sha256, :prefix)
    GROUP BY sha256 ORDER BY sha256
    """
)
_MODELS = text("SELECT DISTINCT used.value FROM stage_config CROSS JOIN jsonb_each_text(models) AS used ORDER BY used.value")
_VERSIONS = text("SELECT DISTINCT version FROM stage_config WHERE stage = :stage ORDER BY version")
_NAMES = text("SELECT DISTINCT video_id FROM build_row JOIN clip USING (clip_id) WHERE video = decode(:sha256, 'hex') ORDER BY video_id")


def find_subject(connection: Connection, what: What, name: str) -> Subject:
    """What `name` stands for. Raises CallerError: it is unknown, stands for several, or cannot be read."""
    match what:
        case "prompt":
            return _prompt(connection, name)
        case "model":
            return _model(connection, name)
        case "video":
            return _video(connection, name)
        case "stage":
            return _stage(connection, name)


def _prompt(connection: Connection, given: str) -> Subject:
    found = _prompts_named(connection, given)
    if not found:
        raise CallerError(
            f"No result was made with a prompt {given!r}; give its sha256 or at least {_SHORTEST_PREFIX} digits of it, its name, or "
            "NAME@DIGITS: `egoetl trace qa ID` shows the prompts behind a pair.",
            reason="prompt_unknown",
        )
    if len(found) > 1:
        raise CallerError(
            f"{given!r} stands for {len(found)} prompts; say which by more of its sha256: {_listed([f'{n}@{sha}' for sha, n in found])}.",
            reason="prompt_ambiguous",
        )
    ((sha256, name),) = found
    return Subject(what="prompt", name=sha256, known_as=(name,))


def _prompts_named(connection: Connection, given: str) -> list[tuple[str, str]]:
    name, at, prefix = given.rpartition("@")
    if not at and (named := _prompts(connection, given, "")):
        return named
    return _prompts(connection, name, prefix) if re.fullmatch(rf"[0-9a-f]{{{_SHORTEST_PREFIX},64}}", prefix) else []


def _prompts(connection: Connection, name: str, prefix: str) -> list[tuple[str, str]]:
    return [(row.sha256, row.name) for row in connection.execute(_PROMPTS, {"name": name, "prefix": prefix})]


def _model(connection: Connection, name: str) -> Subject:
    known = connection.execute(_MODELS).scalars().all()
    if name not in known:
        raise CallerError(f"No result was made by model {name!r}; those that made any: {_listed(known)}.", reason="model_unknown")
    return Subject(what="model", name=name)


def _video(connection: Connection, name: str) -> Subject:
    sha256, withdrawn = find_video(connection, name)
    if withdrawn:
        raise CallerError(f"Video {name!r} was withdrawn, so that nothing descends from it any more.", reason="video_withdrawn")
    return Subject(what="video", name=sha256, known_as=tuple(connection.execute(_NAMES, {"sha256": sha256}).scalars()))


def _stage(connection: Connection, given: str) -> Subject:
    if (parts := re.fullmatch(r"(\w+)=(\d{1,4})", given)) is None:
        raise CallerError(f"A version of a stage is written STAGE=NUMBER, as in caption=1, not {given!r}.", reason="stage_version_invalid")
    stage, version = parts[1], int(parts[2])
    known = connection.execute(_VERSIONS, {"stage": stage}).scalars().all()
    if version not in known:
        raise CallerError(
            f"No result was made by version {version} of stage {stage!r}; those that made any: {_listed(known)}.",
            reason="stage_version_unknown",
        )
    return Subject(what="stage", name=f"{stage}={version}")


def _listed(known: Iterable[object]) -> str:
    names = [str(each) for each in known]
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "") or "none"
