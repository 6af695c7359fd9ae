"""Find out which of the builds that a backfill mends are whole with it, before its version is written."""

from egoetl.core.ledger import Build
from egoetl.runner.gate import Yield
from egoetl.runner.tools import Tools


def settle_mended(tools: Tools, build: Build) -> None:
    """Note for each build that `build` mends whether it reaches its floor with it: then its pairs are part of the version too.

    What stood failed or blocked in it is settled where this backfill, or a later build that has succeeded, has finished it.
    Nothing happens for a build that is no backfill.
    """
    for name in tools.backfills.mended(build.seq):
        mended = tools.ledger.build(name)
        counts = Yield.model_validate(tools.reports.yield_counts(mended.seq))
        left = tools.backfills.left_unfinished(mended.seq, build.seq)
        due = counts.total - counts.refused
        whole = mended.state in ("failed", "succeeded") and (due - left) >= tools.recipe_of(mended.spec).floor * due
        tools.backfills.set_whole(mended.seq, build.seq, whole)
