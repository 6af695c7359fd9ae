"""How fast one GPU captions a shard with Qwen2.5-Omni-7B's architecture at random weights: tokens and frames a second, and memory.

    python bench/gpu.py [--batch 4] [--segments 36] [--tokens 512] [--tiny]

Runs where torch and transformers are (locks/inference.txt); nothing is downloaded. A random model computes as a trained one does, but never
ends a reply: each has `--tokens` tokens. It goes through transformers, so that vLLM, which batches better, is faster than what this prints.
`--tiny` takes a thin model and short replies, to see on a CPU that the script works; its numbers say nothing.
"""

import argparse
import resource
import time
from collections.abc import Callable
from typing import Any

import torch
from gpu_model import FULL, TINY, Segment, batch_of, random_model


def main() -> None:
    """Measure and print one Markdown table."""
    asked = _asked()
    device = "cuda" if torch.cuda.is_available() and not asked.tiny else "cpu"
    if device == "cpu" and not asked.tiny:
        raise SystemExit("bench/gpu.py: no GPU that torch can use; --tiny runs the same code on a CPU with a thin model.")
    began = time.perf_counter()
    model = random_model(TINY if asked.tiny else FULL, device)
    made = time.perf_counter() - began
    segment = Segment(seconds=4, prompt_tokens=100, width=336, height=336) if asked.tiny else Segment()
    asked.segments, asked.tokens = (2 * asked.batch, 32) if asked.tiny else (asked.segments, asked.tokens)
    weights = _memory(device)
    rows = _shard(model, segment, asked, device)
    print(_table({
        "machine": torch.cuda.get_device_name() if device == "cuda" else "CPU, --tiny: these numbers say nothing",
        "torch, parameters": f"{torch.__version__}, {sum(each.numel() for each in model.parameters()) / 1e9:.2f} billion",
        "shard": f"{asked.segments} segments of {segment.seconds} s: {segment.frames} frames of {segment.width}x{segment.height}, sound",
        "batch, tokens of a reply": f"{asked.batch}, {asked.tokens}",
        "making the model": f"{made:.1f} s",
        "memory of the weights": f"{weights:.1f} GiB",
        **rows,
    }))  # fmt: skip


def _shard(model: Any, segment: Segment, asked: argparse.Namespace, device: str) -> dict[str, str]:
    """Caption every batch of the shard twice over: its first token alone, and the whole reply."""
    seconds = {"processors": 0.0, "first": 0.0, "whole": 0.0}
    _generate(model, _on(batch_of(model.config, segment, asked.batch, 0), model, device), 2)  # kernels are chosen and compiled here
    prompt = 0
    for start in range(0, asked.segments, asked.batch):
        batch, seconds["processors"] = _timed(
            lambda start=start: batch_of(model.config, segment, asked.batch, 1 + start), seconds["processors"], device
        )
        given = _on(batch, model, device)
        prompt = given["input_ids"].shape[1]
        _, seconds["first"] = _timed(lambda given=given: _generate(model, given, 1), seconds["first"], device)
        made, seconds["whole"] = _timed(lambda given=given: _generate(model, given, asked.tokens), seconds["whole"], device)
        assert made.shape == (asked.batch, prompt + asked.tokens), made.shape
    count = -(-asked.segments // asked.batch) * asked.batch
    decoding = seconds["whole"] - seconds["first"]
    after = f"{count * (asked.tokens - 1) / decoding:,.1f}" if decoding > 0 else "not told: the first took as long as all"
    return {
        "tokens of a request": f"{prompt}",
        "processors (CPU), a segment": f"{seconds['processors'] / count:.2f} s",
        "prompt tokens a second, to the first token": f"{count * prompt / seconds['first']:,.0f}",
        "frames a second, to the first token": f"{count * segment.frames / seconds['first']:,.1f}",
        "tokens a second, after the first": after,
        "segments an hour": f"{3600 * count / seconds['whole']:,.0f}",
        "most memory": f"{_memory(device):.1f} GiB",
    }


def _generate(model: Any, given: dict[str, torch.Tensor], tokens: int) -> torch.Tensor:
    """Exactly so many tokens: no token ends a reply."""
    with torch.inference_mode():
        return model.generate(**given, min_new_tokens=tokens, max_new_tokens=tokens, do_sample=False, use_audio_in_video=False)


def _on(batch: dict[str, torch.Tensor], model: Any, device: str) -> dict[str, torch.Tensor]:
    """On the device; pictures and sound in the model's own kind of number."""
    return {
        name: each.to(device, model.dtype if name in ("pixel_values_videos", "input_features") else None) for name, each in batch.items()
    }


def _timed(work: Callable[[], Any], before: float, device: str) -> tuple[Any, float]:
    """What the work gives, and the seconds until the device has done it, added to those before."""
    _wait(device)
    began = time.perf_counter()
    given = work()
    _wait(device)
    return given, before + time.perf_counter() - began


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def _memory(device: str) -> float:
    """Most GiB taken so far: of the GPU, by torch; on a CPU, by this process."""
    taken = torch.cuda.max_memory_reserved() if device == "cuda" else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return taken / 2**30


def _table(rows: dict[str, str]) -> str:
    return "\n".join(["| what | measured |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=4, help="segments at once")
    parser.add_argument("--segments", type=int, default=36, help="of a shard: 36 are a clip of 6 minutes")
    parser.add_argument("--tokens", type=int, default=512, help="of each reply")
    parser.add_argument("--tiny", action="store_true", help="a thin model on the CPU, to see that this works")
    return parser.parse_args()


if __name__ == "__main__":
    main()
