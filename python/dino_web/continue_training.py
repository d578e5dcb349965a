"""Goes on with a run from its checkpoint, on folders of images, by one process or by many.

    python -m dino_web.continue_training --checkpoint run.safetensors --images photos --out on.safetensors
    torchrun --nproc_per_node 8 -m dino_web.continue_training …         the same on eight GPUs

Student, teacher, AdamW's moments, centre and schedules go on from the checkpoint's step; images, crops and
drop path are drawn as the page would draw them, so the number of processes changes nothing but the order of
additions. The checkpoint that is written opens in `dino` again.

Invariant: other images than those of the checkpoint are told before anything is trained. Processes that torchrun
started again (`--max-restarts`) go on from what was written last, to the same step.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Iterator, Sequence

import torch
import torch.distributed as dist
from torch.utils.data import DataLoader

from . import data, images
from .checkpoint import Checkpoint, CheckpointError, read, write
from .config import ConfigError
from .identity import FileIdentity, SetIdentity
from .run import Metrics, NotFinite, Run


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; the exit status is 0, or 1 when something failed or was refused."""
    options = _parser().parse_args(arguments)
    try:
        _train(options)
    except (CheckpointError, ConfigError, NotFinite, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    finally:
        if dist.is_available() and dist.is_initialized():
            dist.destroy_process_group()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dino-continue",
        description="Go on with a DINO run from its checkpoint, on folders of images.",
        epilog="example: torchrun --nproc_per_node 2 -m dino_web.continue_training "
        "--checkpoint run.safetensors --images photos --out on.safetensors --set epochs=300",
    )
    add = parser.add_argument
    add("--checkpoint", required=True, metavar="FILE", help="written by the page, by dino or by this")
    add("--images", required=True, nargs="+", metavar="DIR", help="folders, searched with those in them")
    add("--out", required=True, metavar="FILE", help="checkpoint to write")
    add("--steps", type=int, metavar="N", help="steps to go on; otherwise to the end of the run")
    add("--set", action="append", default=[], type=_change, metavar="KEY=VALUE", dest="changes",
        help="change a setting of the run: batch, epochs, lr …; schedules are then those of the changed run")
    add("--every", type=int, default=1000, metavar="N", help="write the checkpoint every N steps too")
    add("--workers", type=int, default=4, metavar="N", help="processes that make crops, for each GPU")
    add("--device", default="cuda" if torch.cuda.is_available() else "cpu", help="cuda or cpu")
    add("--bf16", action="store_true", help="forward passes in bfloat16: faster, no longer to the digit")
    add("--json", action="store_true", help="a line of JSON a step on standard output")
    return parser


def _change(text: str) -> tuple[str, float | str]:
    key, _, value = text.partition("=")
    if not key or not value:
        raise argparse.ArgumentTypeError(f"expected KEY=VALUE, found `{text}`")
    try:
        return key, float(value)
    except ValueError:
        return key, value  # the word of a choice; `Config.changed` says what is allowed


def _train(options: argparse.Namespace) -> None:
    rank, world = _join(options.device)
    checkpoint = _prepared(options)
    train = checkpoint.config.train
    if train.batch % world:
        raise ConfigError(f"a batch of {train.batch} cannot be split over {world} processes: "
                          "set another with --set batch=N")
    steps = train.total_steps - checkpoint.step if options.steps is None else options.steps
    if steps < 1:
        raise ConfigError(f"the run has all its {train.total_steps} steps: give it more with "
                          "--set epochs=N, or go on at its last settings with --steps N")
    paths, identity = _images(options.images, rank, world)
    change = None if checkpoint.images is None else identity.change_from(checkpoint.images)
    if change and rank == 0:
        print(f"{options.checkpoint}: {change}", file=sys.stderr)
    begin, checkpoint.images = checkpoint.step, identity
    checkpoint = _resumed(options, checkpoint, begin + steps, rank, world)
    left = begin + steps - checkpoint.step
    share = train.batch // world
    rows = range(rank * share, (rank + 1) * share)
    device = torch.device(options.device)
    if rank == 0:
        print(f"step {checkpoint.step} of {train.total_steps}, {left} to go, {train.batch} of {len(paths)} "
              f"images a step, on {world} × {device.type}", file=sys.stderr)
    if left < 1:
        return
    run = Run(checkpoint, device)
    start = time.monotonic()
    for done, metrics in enumerate(_steps(run, paths, left, rows, options), 1):
        if rank == 0:
            _tell(metrics, done * train.batch / (time.monotonic() - start), options.json)
            if done == left or (run.step_index - begin) % max(options.every, 1) == 0:
                write(options.out, run.checkpoint())
    if rank == 0:
        print(f"wrote {options.out}", file=sys.stderr)


def _images(folders: Sequence[str], rank: int, world: int) -> tuple[list[Path], SetIdentity]:
    """The images of the run, and which they are. Every process decodes its share of the files once."""
    files: list[Path] = []
    for folder in folders:
        listing = images.list_files(folder)
        files += listing.files
        if rank == 0:
            listing.tell()
    examined = images.examine_all(files[rank::world])
    if world > 1:
        listed = SetIdentity.of(FileIdentity.of(os.fsencode(file)) for file in files)
        shares: list[tuple[SetIdentity, list[FileIdentity | str]]] = [(listed, examined)] * world
        dist.all_gather_object(shares, (listed, examined))
        if any(other != listed for other, _ in shares):
            counts = ", ".join(str(other.count) for other, _ in shares)
            raise ConfigError(f"expected the same files for every process, found others: {counts} files")
        examined = [shares[i % world][1][i // world] for i in range(len(files))]
    return images.select(files, examined, tell=rank == 0)


def _resumed(options: argparse.Namespace, checkpoint: Checkpoint, end: int, rank: int, world: int) -> Checkpoint:
    """What the run goes on from: what an earlier life of these processes wrote, where torchrun started them again."""
    if int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")) < 1:
        return checkpoint
    written = [_later(options.out, checkpoint, end) if rank == 0 else None]
    if world > 1:
        # Only the first machine has the file.
        dist.broadcast_object_list(written)
    if rank == 0:
        source, at = (options.out, written[0].step) if written[0] else (options.checkpoint, checkpoint.step)
        why = "" if written[0] else f", because {options.out} holds no later step of this run"
        print(f"started again by torchrun: goes on from step {at} in {source}{why}", file=sys.stderr)
    return written[0] or checkpoint


def _later(out: str, checkpoint: Checkpoint, end: int) -> Checkpoint | None:
    """What the file holds, if it is a later step of the same run on the same images."""
    try:
        found = read(out)
    except CheckpointError:
        return None
    same = (found.config, found.seed, found.images) == (checkpoint.config, checkpoint.seed, checkpoint.images)
    return found if same and checkpoint.step < found.step <= end else None


def _join(device: str) -> tuple[int, int]:
    """Rank and number of processes, after joining the others that `torchrun` started."""
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if device == "cuda":
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    if world > 1:
        dist.init_process_group("nccl" if device == "cuda" else "gloo")
    return int(os.environ.get("RANK", "0")), world


def _prepared(options: argparse.Namespace) -> Checkpoint:
    """The checkpoint with the changes that were asked for; refused before any work is done."""
    checkpoint = read(options.checkpoint)
    for key, value in options.changes:
        checkpoint.config = checkpoint.config.changed(key, value)
    folder = os.path.dirname(os.path.abspath(options.out))
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"{options.out}: there is no folder {folder}")
    again = int(os.environ.get("TORCHELASTIC_MAX_RESTARTS", "0")) > 0
    if again and options.steps is not None and os.path.realpath(options.out) == os.path.realpath(options.checkpoint):
        raise ConfigError("--checkpoint and --out name one file, so processes that are started again could not tell "
                          "after how many --steps to stop: name another file, or leave --max-restarts or --steps out")
    return checkpoint


def _steps(run: Run, paths: Sequence[Path], steps: int, rows: range,
           options: argparse.Namespace) -> Iterator[Metrics]:
    batches = data.Batches(run.config, run.seed, paths, run.step_index, steps, rows)
    device = run.center.device
    loader = DataLoader(batches, batch_size=None, num_workers=options.workers,
                        pin_memory=device.type == "cuda")
    dropping = run.config.vit.drop_path_rate > 0
    for globals_, locals_ in loader:
        drop = data.drop_path(run.config, run.seed, run.step_index, rows).to(device) if dropping else None
        yield run.step(globals_.to(device, non_blocking=True), locals_.to(device, non_blocking=True), drop,
                       autocast=options.bf16)


def _tell(metrics: Metrics, speed: float, as_json: bool) -> None:
    if as_json:
        print(json.dumps({
            "step": metrics.step, "loss": metrics.loss, "entropy": metrics.entropy, "lr": metrics.lr,
            "weightDecay": metrics.weight_decay, "momentum": metrics.momentum,
            "teacherTemp": metrics.teacher_temp, "imagesPerSecond": speed,
        }), flush=True)
    elif metrics.step % 10 == 0:
        print(f"step {metrics.step}: loss {metrics.loss:.4f}, entropy {metrics.entropy:.3f}, "
              f"{speed:.1f} images/s", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
