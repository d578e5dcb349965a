"""Our checkpoint, in and out: a safetensors file with student, teacher, both moments and the centre.

Mirrors `src/checkpoint.rs` and `src/names.rs`. Invariant: what `read` returns and what `write` accepts fits
its configuration, tensor by tensor, and is finite.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from .config import MLP_RATIO, Config, ConfigError
from .identity import SetIdentity

VERSION = 1
KEY = "dino"  # the file's one metadata key; its value is JSON
ROLES = ("student", "teacher", "first_moment", "second_moment")
CENTER = "center"

Tensors = dict[str, torch.Tensor]


class CheckpointError(ValueError):
    """A file that is damaged, foreign, or of another shape; the message is a sentence."""


@dataclass
class Checkpoint:
    """A run after `step` steps.

    `tensors` has `student.*`, `teacher.*`, `first_moment.*`, `second_moment.*` with the names of `shapes`,
    and `center` (1, K); all float32 on the CPU.
    """

    config: Config
    seed: int
    step: int
    tensors: Tensors
    metadata: Mapping[str, Any]  # as it was read, with keys that this version does not know
    images: SetIdentity | None = None  # those of the last steps; none where nobody noted them

    def role(self, role: str) -> Tensors:
        """Tensors of one of `ROLES` without the prefix: `backbone.*` and `head.*`."""
        prefix = role + "."
        return {n[len(prefix):]: t for n, t in self.tensors.items() if n.startswith(prefix)}


def shapes(config: Config) -> dict[str, tuple[int, ...]]:
    """Names and shapes of one network's parameters, in the official order."""
    vit, head = config.vit, config.head
    d, p = vit.embed_dim, vit.patch_size
    found: dict[str, tuple[int, ...]] = {
        "backbone.cls_token": (1, 1, d),
        "backbone.pos_embed": (1, vit.grid**2 + 1, d),
        "backbone.patch_embed.proj.weight": (d, 3, p, p),
        "backbone.patch_embed.proj.bias": (d,),
    }

    def linear(name: str, out: int, into: int) -> None:
        found[f"{name}.weight"], found[f"{name}.bias"] = (out, into), (out,)

    def layer_norm(name: str) -> None:
        found[f"{name}.weight"], found[f"{name}.bias"] = (d,), (d,)

    for i in range(vit.depth):
        block = f"backbone.blocks.{i}"
        layer_norm(f"{block}.norm1")
        linear(f"{block}.attn.qkv", 3 * d, d)
        linear(f"{block}.attn.proj", d, d)
        layer_norm(f"{block}.norm2")
        linear(f"{block}.mlp.fc1", MLP_RATIO * d, d)
        linear(f"{block}.mlp.fc2", d, MLP_RATIO * d)
    layer_norm("backbone.norm")
    linear("head.mlp.0", head.hidden_dim, d)
    linear("head.mlp.2", head.hidden_dim, head.hidden_dim)
    linear("head.mlp.4", head.bottleneck_dim, head.hidden_dim)
    found["head.last_layer.weight_g"] = (head.out_dim, 1)
    found["head.last_layer.weight_v"] = (head.out_dim, head.bottleneck_dim)
    return found


def read(path: str | os.PathLike[str]) -> Checkpoint:
    """Reads a checkpoint that the page, `dino` or `write` wrote.

    Raises CheckpointError that names the file, the tensor, what was expected and what came.
    """
    file = os.fspath(path)
    try:
        with safe_open(file, framework="pt") as opened:
            metadata = opened.metadata() or {}
            tensors = {name: opened.get_tensor(name).float() for name in opened.keys()}
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{file}: cannot be read: {error}") from error
    if KEY not in metadata:
        raise CheckpointError(f"{file}: expected a checkpoint with the metadata `{KEY}`, found none")
    try:
        run = json.loads(metadata[KEY])
        if run.get("version") != VERSION:
            found = run.get("version")
            raise CheckpointError(f"{file}: expected a checkpoint of version {VERSION}, found {found}")
        step, seed = int(run["step"]), int(run["seed"])
        config = Config.from_json(run["config"])
        images = None if run.get("images") is None else SetIdentity.from_json(run["images"])
    except ConfigError as error:
        raise CheckpointError(f"{file}: {error}") from error
    except CheckpointError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{file}: its metadata `{KEY}` is not valid: {error}") from error
    checkpoint = Checkpoint(config, seed, step, tensors, run, images)
    _check(file, checkpoint)
    return checkpoint


def write(path: str | os.PathLike[str], checkpoint: Checkpoint) -> None:
    """Writes a checkpoint, whole or not at all: an older file stays until the new one is there.

    Raises CheckpointError for a state that `read` would refuse, OSError where it cannot be written.
    """
    file = Path(path)
    _check(str(file), checkpoint)
    run = {
        **{key: value for key, value in checkpoint.metadata.items() if key != "images"},
        "version": VERSION,
        "step": checkpoint.step,
        "seed": checkpoint.seed,
        "config": checkpoint.config.to_json(),
    }
    if checkpoint.images is not None:
        run["images"] = checkpoint.images.to_json()
    tensors = {name: tensor.contiguous() for name, tensor in checkpoint.tensors.items()}
    part = file.with_name(file.name + ".part")
    part.write_bytes(save(tensors, metadata={KEY: json.dumps(run, separators=(",", ":"))}))
    part.replace(file)


def _check(file: str, checkpoint: Checkpoint) -> None:
    config, tensors = checkpoint.config, checkpoint.tensors
    wanted = {f"{role}.{name}": s for role in ROLES for name, s in shapes(config).items()}
    wanted[CENTER] = (1, config.head.out_dim)
    for name, shape in wanted.items():
        found = tuple(tensors[name].shape) if name in tensors else "no such tensor"
        if found != shape:
            raise CheckpointError(f"`{name}` in {file}: expected shape {shape}, found {found}")
    for name, tensor in tensors.items():
        if name not in wanted:
            message = "expected only parameters of the configured network, found an unknown one"
            raise CheckpointError(f"`{name}` in {file}: {message}")
        if not bool(torch.isfinite(tensor).all()):
            raise CheckpointError(f"`{name}` in {file}: expected finite numbers")
        if name.startswith("second_moment.") and bool(torch.lt(tensor, 0).any()):
            raise CheckpointError(f"`{name}` in {file}: expected no negative numbers")
