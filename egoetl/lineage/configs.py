"""Stage configurations and prompts, kept by sha256 so that lineage can show what a result was made with."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from egoetl.core.content_key import StageConfig
from egoetl.core.errors import InternalError
from egoetl.core.ledger import Outcome
from egoetl.core.records import Clip, QAPairs, Record, SplitClip, UnitKind
from egoetl.lineage.tables.results import prompt, stage_config

_EMITS: dict[type[Record], UnitKind] = {Clip: "clip", SplitClip: "segment", QAPairs: "qa"}


def register(connection: Connection, configs: Mapping[str, StageConfig], prompts: Mapping[str, tuple[str, str]]) -> None:
    """Keep configurations, and prompts as sha to (name, text)."""
    for sha256, config in sorted(configs.items()):
        _keep(connection, sha256, config, None)
    if prompts:
        rows = [{"sha256": sha256, "name": name, "text": text} for sha256, (name, text) in sorted(prompts.items())]
        connection.execute(insert(prompt).on_conflict_do_nothing(), rows)


def ids(connection: Connection, configs: Mapping[str, StageConfig], outcomes: Sequence[Outcome]) -> dict[str, int]:
    """The short ids of the configurations of these outcomes; those not known yet are kept first.

    Raises InternalError `config_unknown` for one that is neither known nor in `configs`.
    """
    emits = _emits(outcomes)
    known, complete = _known(connection, emits)
    if missing := [sha256 for sha256 in sorted(emits) if sha256 in configs and sha256 not in complete]:
        for sha256 in missing:
            _keep(connection, sha256, configs[sha256], emits[sha256])
        known, _ = _known(connection, emits)
    if unknown := emits.keys() - known.keys():
        raise InternalError(f"Stage configuration {min(unknown)} was never registered; pass it to commit.", reason="config_unknown")
    return known


def _emits(outcomes: Sequence[Outcome]) -> dict[str, UnitKind | None]:
    """Each configuration's sha, and the kind of units that its results bring into being, as far as these outcomes tell."""
    kinds: dict[str, UnitKind | None] = {}
    for each in outcomes:
        if each.config_sha is not None:
            kind = None if each.payload is None else _EMITS.get(type(each.payload))
            kinds[each.config_sha] = kind or kinds.get(each.config_sha)
    return kinds


def _known(connection: Connection, emits: Mapping[str, UnitKind | None]) -> tuple[dict[str, int], set[str]]:
    """The ids by sha, and the shas whose rows already say what they emit."""
    table = stage_config.c
    rows = connection.execute(select(table.sha256, table.id, table.emits).where(table.sha256.in_(list(emits)))).all()
    return {sha256: id_ for sha256, id_, _ in rows}, {sha256 for sha256, _, kind in rows if kind is not None or emits[sha256] is None}


def _keep(connection: Connection, sha256: str, config: StageConfig, emits: UnitKind | None) -> None:
    values: dict[str, Any] = {"sha256": sha256, "emits": emits, **config.model_dump(mode="json")}
    statement = insert(stage_config).values(values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["sha256"],
            set_={"emits": statement.excluded.emits},
            where=stage_config.c.emits.is_(None) & statement.excluded.emits.is_not(None),
        )
    )
