"""Who computes which result, so that builds that run at once never compute one twice.

A claim lives as long as the lease that it was taken under. Nothing renews it, and the claims of a worker that died, or
that was thought dead, end with its lease.
"""

from collections.abc import Sequence

from sqlalchemy import any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection

from egoetl.core.ledger import Claimed, Lease
from egoetl.lineage import builds, leases
from egoetl.lineage.leases import Holder
from egoetl.lineage.tables.base import Sha256
from egoetl.lineage.tables.claims import key_claim

_KEYS = bindparam("keys", type_=ARRAY(Sha256))
# In key order, so that two claimers never wait for each other. A claim is void only where its lease is seen to have ended:
# one whose lease began after this statement did is not. Hence the statement's time, and not the clock's.
_TAKE = (
    text(
        """
        INSERT INTO key_claim AS held (key, build_seq, stage, shard, token)
        SELECT key, :build_seq, :stage, :shard, :token FROM unnest(:keys) AS wanted (key) ORDER BY key
        ON CONFLICT (key) DO UPDATE
        SET build_seq = EXCLUDED.build_seq, stage = EXCLUDED.stage, shard = EXCLUDED.shard, token = EXCLUDED.token
        WHERE (held.build_seq, held.stage, held.shard, held.token)
              = (EXCLUDED.build_seq, EXCLUDED.stage, EXCLUDED.shard, EXCLUDED.token)
           OR EXISTS (
               SELECT FROM shard_lease AS lease
               WHERE lease.build_seq = held.build_seq AND lease.stage = held.stage AND lease.shard = held.shard
                 AND (lease.token > held.token OR lease.token = held.token AND lease.expires_at <= statement_timestamp())
           )
        RETURNING key
        """
    )
    .bindparams(_KEYS)
    .columns(key_claim.c.key)
)
_GIVE_UP = text(
    """
    DELETE FROM key_claim
    WHERE key = ANY(:keys) AND build_seq = :build_seq AND stage = :stage AND shard = :shard AND token = :token
    """
).bindparams(_KEYS)


def take(connection: Connection, lease: Lease, keys: Sequence[str]) -> tuple[Claimed, list[Holder]]:
    """Claim what nobody holds, and find what has a result by now; also the holders of the rest. Raises LeaseLostError."""
    leases.renew(connection, lease)
    taken = frozenset(connection.execute(_TAKE, {**lease.model_dump(), "keys": sorted(set(keys))}).scalars())
    # After the claims, because a claim may have waited for the commit of the result.
    stored = builds.results(connection, keys)
    rest = [key for key in keys if key not in taken and key not in stored]
    holders = _holders(connection, rest) if rest else []
    return Claimed(mine=taken - stored.keys(), stored=stored, holders=tuple(str(each) for each in holders)), holders


def give_up(connection: Connection, lease: Lease, keys: Sequence[str]) -> None:
    """Delete claims of this lease."""
    connection.execute(_GIVE_UP, {**lease.model_dump(), "keys": list(keys)})


def _holders(connection: Connection, keys: Sequence[str]) -> list[Holder]:
    claims = key_claim.c
    found = connection.execute(
        select(claims.build_seq, claims.stage, claims.shard, claims.token)
        .distinct()
        .where(claims.key == any_(bindparam("keys", list(keys), type_=ARRAY(Sha256))))
    )
    places = [tuple(row) for row in found]
    return [each for seq, stage, shard, token in places for each in leases.holders(connection, seq, stage, shard) if each.token == token]
