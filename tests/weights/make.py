"""Small backbones as PyTorch itself writes them: one network of width 4, in ways that people's files have it.

    make.py FOLDER      writes them; needs PyTorch and NumPy

Invariant: every file holds the network of `plain.pth`, whatever else it holds; `tests/weights_torch.rs` compares."""

import collections
import enum
import random
import sys
import types
from pathlib import Path

import numpy as np
import torch

WIDTH, PATCH, SIDE, DEPTH = 4, 4, 2, 2


def backbone(seed):
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(*shape, generator=generator) * 0.1

    tensors = {
        "cls_token": normal(1, 1, WIDTH),
        "pos_embed": normal(1, SIDE * SIDE + 1, WIDTH),
        "patch_embed.proj.weight": normal(WIDTH, 3, PATCH, PATCH),
        "patch_embed.proj.bias": normal(WIDTH),
        "norm.weight": torch.ones(WIDTH),
        "norm.bias": normal(WIDTH),
    }
    layers = {"attn.qkv": 3, "attn.proj": 1, "mlp.fc1": 4}
    for i in range(DEPTH):
        for norm in ("norm1", "norm2"):
            tensors[f"blocks.{i}.{norm}.weight"] = torch.ones(WIDTH)
            tensors[f"blocks.{i}.{norm}.bias"] = torch.zeros(WIDTH)
        for layer, times in layers.items():
            tensors[f"blocks.{i}.{layer}.weight"] = normal(times * WIDTH, WIDTH)
            tensors[f"blocks.{i}.{layer}.bias"] = normal(times * WIDTH)
        tensors[f"blocks.{i}.mlp.fc2.weight"] = normal(WIDTH, 4 * WIDTH)
        tensors[f"blocks.{i}.mlp.fc2.bias"] = normal(WIDTH)
    return tensors


def prefixed(tensors, prefix):
    return {prefix + name: tensor for name, tensor in tensors.items()}


def views(tensors):
    """The same values as views of one storage."""
    flat = torch.cat([tensor.flatten() for tensor in tensors.values()])
    found, at = {}, 0
    for name, tensor in tensors.items():
        found[name] = flat[at : at + tensor.numel()].view(tensor.shape)
        at += tensor.numel()
    return found


def expanded(tensors):
    """Biases of zeros that are stored as one zero."""
    zeros = {name for name, tensor in tensors.items() if ".norm" in name and name.endswith("bias")}
    return {n: torch.zeros(1).expand(WIDTH) if n in zeros else t for n, t in tensors.items()}


def transposed(tensors):
    return {n: t.t().contiguous().t() if t.dim() == 2 else t for n, t in tensors.items()}


def settings():
    """An object of a project's class, as a settings library keeps them."""
    module = types.ModuleType("omegaconf.dictconfig")
    sys.modules["omegaconf"] = types.ModuleType("omegaconf")
    sys.modules["omegaconf.dictconfig"] = module
    module.DictConfig = type("DictConfig", (), {"__module__": "omegaconf.dictconfig"})
    found = module.DictConfig()
    found.content = {"lr": 1}
    return found


def schedule():
    """A value of an enumeration of a project."""
    module = types.ModuleType("project")
    sys.modules["project"] = module

    class Schedule(enum.Enum):
        COSINE = 1

    Schedule.__module__, Schedule.__qualname__ = "project", "Schedule"
    module.Schedule = Schedule
    return Schedule.COSINE


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    teacher, student = backbone(1), backbone(2)
    save = lambda name, content, **how: torch.save(content, folder / f"{name}.pth", **how)
    save("plain", teacher)
    save("legacy", teacher, _use_new_zipfile_serialization=False)
    save("protocol4", {"state_dict": teacher}, pickle_protocol=4)
    # The archive's folder is called as the file: its first entry has 30 letters.
    save("name-of-21-characters", teacher)
    save("views", views(teacher))
    save("expanded", expanded(teacher))
    save("transposed", transposed(teacher))
    save("both", {"model": {**prefixed(student, "student.backbone."), **prefixed(teacher, "teacher.backbone.")}})
    save(
        "lightning",
        {
            "state_dict": {**prefixed(student, "model."), **prefixed(teacher, "model_ema.")},
            "hyper_parameters": settings(),
            "epoch": torch.tensor(3),
            "best_acc1": torch.tensor(71.2),
        },
    )
    save(
        "beside",
        {
            "teacher": prefixed(teacher, "module.backbone."),
            "numpy": np.random.RandomState(0).get_state(),
            "python": random.Random(0).getstate()[0],
            "torch": torch.Generator().manual_seed(0).get_state()[:8].clone(),
            "classes": {"cat", "dog"},
            "names": np.array(["cat", "dog"]),
            "counted": collections.Counter("aab"),
            "complex": 1j,
            "dtype": torch.float16,
            "bytes": bytearray(b"abc"),
            "range": range(3),
            "schedule": schedule(),
            "sparse": torch.eye(2).to_sparse(),
            "loss": torch.nn.Linear(2, 2),
            "seed": 2**80,
        },
    )
    # What no dictionary of parameters is in.
    save("module", torch.nn.Linear(2, 2))
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), folder / "script.pth")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
