"""The stages that decode, on one video, by the runner's own hands: real adapters and a real StageIO, without the ledger.

As a program, `decoding_stages.py VIDEO STORE END_MS` registers and splits the video and prints what came out as JSON.
"""

import asyncio
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

from egoetl.core.items import ClipItem, Item, RowItem, SplitClipItem
from egoetl.core.recipe import Recipe
from egoetl.core.records import Clip, ManifestRow, Record, SampledClip, SplitClip
from egoetl.media.pyav_media import PyAvMedia
from egoetl.runner.sources import SourceVideos
from egoetl.runner.stage_io import UnitIO
from egoetl.stages.frames import frames
from egoetl.stages.register import register
from egoetl.stages.split import split
from egoetl.storage.local import LocalStore
from egoetl.storage.sources.folder import FolderRoot

DECODING = Recipe(name="decoding", version=1, stages=(register, split, frames), roles={})


@dataclass
class DecodingStages:
    """What a worker does with one clip before the first model is asked."""

    video: Path
    store: Path
    _uris: dict[str, str] = field(default_factory=dict)

    def register(self, end_ms: int) -> Clip:
        """Hash and probe the video; its first `end_ms` milliseconds become a clip."""
        row = ManifestRow(row=2, video_id=self.video.stem, uri=self.video.name, split="train", start_ms=0, end_ms=end_ms)
        clip = Clip.model_validate(self._run("register", RowItem(row=row)))
        self._uris[clip.video.sha256] = self.video.name
        return clip

    def split(self, clip: Clip) -> SplitClip:
        """Cut the clip into segments and keep its sound."""
        return SplitClip.model_validate(self._run("split", ClipItem(clip=clip)))

    def frames(self, clip: Clip, split: SplitClip) -> SampledClip:
        """Sample the clip's pictures and put its sound beside them."""
        return SampledClip.model_validate(self._run("frames", SplitClipItem(clip=clip, split=split)))

    def _run(self, name: str, item: Item) -> Record:
        stage = DECODING.stage(name)
        sources = SourceVideos(FolderRoot(self.video.parent), self._uris)
        with UnitIO("", "", stage, DECODING, PyAvMedia(), LocalStore(self.store), {}, sources) as io:
            return asyncio.run(stage.run(item, DECODING.params_of(stage), io))


if __name__ == "__main__":
    stages = DecodingStages(Path(sys.argv[1]), Path(sys.argv[2]))
    clip = stages.register(int(sys.argv[3]))
    print(json.dumps([each.model_dump(mode="json") for each in (clip, stages.split(clip))]))
