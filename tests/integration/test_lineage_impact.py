"""What descends from some results, against a walk of the same graph in Python, and what making it has cost."""

import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import psycopg2
import psycopg2.extensions
import pytest
from psycopg2.extras import execute_values

from egoetl.core.content_key import sha256_of

Key = bytes
Fill = Callable[[dict[str, list["Try"]]], list[bytes]]
STAGES = ("caption", "mcg", "qa_avsn", "verify")


class Graph(NamedTuple):
    """Results by key, each with its parents; some edges are written twice, as nothing forbids."""

    parents: dict[Key, list[Key]]

    def below(self, roots: set[Key]) -> set[Key]:
        """The roots and all that was made from them, step by step."""
        found, grown = set(roots), True
        while grown:
            more = {key for key, parents in self.parents.items() if found.intersection(parents)} - found
            found |= more
            grown = bool(more)
        return found


class Try(NamedTuple):
    """What a result's attempt noted."""

    seconds: float
    requests: int
    tokens: int | None
    left: bool


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg2.extensions.connection]:
    opened = psycopg2.connect(database_url, options="-c search_path=lineage")
    yield opened
    opened.close()


def key_of(*parts: object) -> Key:
    return bytes.fromhex(sha256_of("/".join(map(str, parts))))


def drawn(chance: random.Random, name: int) -> Graph:
    """Some tens of results; each was made from up to four earlier ones."""
    keys = [key_of(name, number) for number in range(chance.randint(1, 60))]
    chosen = {key: chance.sample(keys[:place], min(place, chance.randint(0, 4))) for place, key in enumerate(keys)}
    return Graph({key: parents + parents[:1] * chance.randint(0, 1) for key, parents in chosen.items()})


def ask(connection: psycopg2.extensions.connection, question: str, *values: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return cursor.fetchall()


def test_descendants_are_those_of_a_walk_step_by_step(connection: psycopg2.extensions.connection) -> None:
    chance = random.Random(7)
    graphs = [drawn(chance, name) for name in range(60)]
    edges = [(child, parent) for graph in graphs for child, parents in graph.parents.items() for parent in parents]
    with connection.cursor() as cursor:
        execute_values(cursor, "INSERT INTO edge (child, parent) VALUES %s", edges)
    for first, second in zip(graphs, [*graphs[1:], graphs[0]], strict=True):
        roots = set(chance.sample(sorted(first.parents), chance.randint(0, min(3, len(first.parents)))))
        roots |= set(chance.sample(sorted(second.parents), 1))
        found = [bytes(key) for (key,) in ask(connection, "SELECT key FROM descendants(%s)", list(roots))]
        assert len(found) == len(set(found))
        assert set(found) == first.below(roots) | second.below(roots)


@pytest.fixture
def filled(connection: psycopg2.extensions.connection) -> Fill:
    """Results of one build with their attempts, some of which are gone; a second attempt of each unit failed before."""

    def fill(tries: dict[str, list[Try]]) -> list[Key]:
        keys: list[Key] = []
        with connection.cursor() as cursor:
            for stage, each in tries.items():
                cursor.execute(
                    "INSERT INTO stage_config (sha256, stage, version, params, prompts, schemas, models, sampling, seed) "
                    "VALUES (sha256(%s), %s, 1, '{}', '{}', '{}', '{}', '{}', 7) RETURNING id",
                    (stage.encode(), stage),
                )
                ((config,),) = cursor.fetchall()
                for number, tried in enumerate(each):
                    keys.append(key_of(stage, number))
                    cursor.execute(
                        "INSERT INTO result (key, build_seq, config_id, seconds, status, unit_id) VALUES (%s, 1, %s, %s, 'ok', %s)",
                        (keys[-1], config, tried.seconds, f"unit{number}"),
                    )
                    attempts = [("failed", 1, tried.seconds, 9, 9)] if number % 2 else []
                    attempts += [("done", 2, tried.seconds, tried.requests, tried.tokens)] if tried.left else []
                    for state, turn, seconds, requests, tokens in attempts:
                        cursor.execute(
                            "INSERT INTO attempt (build_seq, worker_id, seconds, unit_kind, state, requests, prompt_tokens, "
                            "completion_tokens, shard, number, stage, unit_id) VALUES (1, 1, %s, 'segment', %s, %s, %s, %s, 0, %s, %s, %s)",
                            (seconds, state, requests, tokens, tokens, turn, stage, f"unit{number}"),
                        )
        return keys

    return fill


def test_costs_are_those_of_the_attempts_that_made_the_results(connection: psycopg2.extensions.connection, filled: Fill) -> None:
    chance = random.Random(11)
    tries = {
        stage: [
            Try(chance.randint(1, 64) / 8, chance.randint(0, 2), chance.choice([None, chance.randint(1, 900)]), chance.random() < 0.7)
            for _ in range(40)
        ]
        for stage in STAGES
    }
    keys = filled(tries)
    found = ask(connection, "SELECT * FROM rebuild_cost(%s)", [*keys, *keys[:5], key_of("unknown")])
    assert [row[0] for row in found] == list(STAGES)
    for stage, results, seconds, requests, tokens_in, tokens_out, without_attempt, uncounted in found:
        each = tries[stage]
        left = [tried for tried in each if tried.left]
        counted = [tried.tokens for tried in left if tried.tokens is not None]
        assert (results, seconds) == (40, sum(tried.seconds for tried in each))
        assert requests == sum(tried.requests for tried in left)
        assert tokens_in == tokens_out == sum(counted)
        assert without_attempt == 40 - len(left)
        assert uncounted == sum(tried.tokens is None and tried.requests > 0 for tried in left)


def test_what_nobody_counted_is_null_not_nought(connection: psycopg2.extensions.connection, filled: Fill) -> None:
    keys = filled({"caption": [Try(0.5, 1, None, left=False)], "mcg": [Try(0.25, 1, None, left=True)]})
    found = ask(connection, "SELECT stage, seconds, requests, prompt_tokens, without_attempt, uncounted FROM rebuild_cost(%s)", keys)
    assert found == [("caption", 0.5, None, None, 1, 0), ("mcg", 0.25, 1, None, 0, 1)]
