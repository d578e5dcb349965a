"""The DINO step of the peers in PyTorch on the CPU, for the native comparison.

Reads lines: `begin WORK` does the first step, `steps N SECONDS` at most N more; answers each with a
line of JSON. Invariant: parameters and crops are the numbers of work.mjs, so the losses are too.
"""

import json
import math
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

WORKS = {
    "small": dict(
        dim=64, heads=2, depth=3, patch=8, globals=32, local=16, locals=2, batch=4, prototypes=256
    ),
    "large": dict(
        dim=192, heads=3, depth=6, patch=8, globals=64, local=32, locals=4, batch=8, prototypes=1024
    ),
}
HIDDEN, BOTTLENECK = 512, 128
STUDENT_TEMP, TEACHER_TEMP, CENTER_MOMENTUM, EPS = 0.1, 0.04, 0.9, 1e-6


class Random:
    """mulberry32: its state only counts, so that all numbers are made at once."""

    def __init__(self, seed):
        self.seed, self.drawn = seed, 0

    def uniform(self, n):
        count = np.arange(self.drawn + 1, self.drawn + n + 1, dtype=np.uint64)
        self.drawn += n
        s = (self.seed + count * 0x6D2B79F5).astype(np.uint32)
        t = (s ^ (s >> 15)) * (s | 1)
        t = (t + (t ^ (t >> 7)) * (t | 61)) ^ t
        return (t ^ (t >> 14)).astype(np.float64) / 4294967296

    def normal(self, shape, std):
        u = self.uniform(2 * math.prod(shape)).reshape(-1, 2)
        radius = np.sqrt(-2 * np.log(1 - u[:, 0]))
        values = std * radius * np.cos(2 * math.pi * u[:, 1])
        return values.astype(np.float32).reshape(shape)


def parameters(work):
    """Name → array; linear weights are (in, out)."""
    random, d, made = Random(1), work["dim"], {}
    inputs = 3 * work["patch"] ** 2

    def linear(name, n, m, std=0.02):
        made[f"{name}.weight"] = random.normal((n, m), std)
        made[f"{name}.bias"] = np.zeros(m, np.float32)

    def norm(name):
        made[f"{name}.weight"], made[f"{name}.bias"] = np.ones(d, np.float32), np.zeros(d, np.float32)

    linear("patch_embed", inputs, d, 1 / math.sqrt(3 * inputs))
    made["cls_token"] = random.normal((1, 1, d), 0.02)
    made["pos_embed.cls"] = random.normal((1, 1, d), 0.02)
    made["pos_embed.patches"] = random.normal(((work["globals"] // work["patch"]) ** 2, d), 0.02)
    for i in range(work["depth"]):
        norm(f"blocks.{i}.norm1")
        linear(f"blocks.{i}.attn.qkv", d, 3 * d)
        linear(f"blocks.{i}.attn.proj", d, d)
        norm(f"blocks.{i}.norm2")
        linear(f"blocks.{i}.mlp.fc1", d, 4 * d)
        linear(f"blocks.{i}.mlp.fc2", 4 * d, d)
    norm("norm")
    linear("head.mlp.0", d, HIDDEN)
    linear("head.mlp.2", HIDDEN, HIDDEN)
    linear("head.mlp.4", HIDDEN, BOTTLENECK)
    last = random.normal((BOTTLENECK, work["prototypes"]), 1).astype(np.float64)
    made["head.last_layer.weight"] = (last / np.sqrt((last**2).sum(0))).astype(np.float32)
    return made


def crops(work):
    """Globals (2·B, patches, 3·patch²) and locals: each image's wave, and noise."""
    random, values = Random(2), 3 * work["patch"] ** 2
    waves = [random.normal((values,), 1) for _ in range(work["batch"])]

    def make(views, size):
        patches = (size // work["patch"]) ** 2
        noisy = [wave + random.normal((patches, values), 0.5) for _ in range(views) for wave in waves]
        return torch.from_numpy(np.stack(noisy))

    return make(2, work["globals"]), make(work["locals"], work["local"])


def interpolation(work):
    """Matrix (local patches, global patches): bicubic, a = −0.75."""
    old, new, a = work["globals"] // work["patch"], work["local"] // work["patch"], -0.75

    def cubic(x):
        if x <= 1:
            return ((a + 2) * x - (a + 3)) * x * x + 1
        return a * (((x - 5) * x + 8) * x - 4) if x < 2 else 0

    line = np.zeros((new, old))
    for i in range(new):
        at = (i + 0.5) * old / (new + 0.1) - 0.5
        for j in range(math.floor(at) - 1, math.floor(at) + 3):
            line[i, min(old - 1, max(0, j))] += cubic(abs(at - j))
    return torch.from_numpy(np.kron(line, line).astype(np.float32))


def linear(p, name, x):
    return torch.addmm(p[f"{name}.bias"], x.flatten(0, -2), p[f"{name}.weight"]).view(*x.shape[:-1], -1)


def layer_norm(p, name, x):
    return F.layer_norm(x, x.shape[-1:], p[f"{name}.weight"], p[f"{name}.bias"], EPS)


def backbone(p, work, x, resize):
    """CLS features (crops, D) of crops (crops, patches, 3·patch²)."""
    n, d, heads = x.shape[0], work["dim"], work["heads"]
    positions = p["pos_embed.patches"] if resize is None else resize @ p["pos_embed.patches"]
    cls = (p["cls_token"] + p["pos_embed.cls"]).expand(n, 1, d)
    x = torch.cat([cls, linear(p, "patch_embed", x) + positions], 1)
    for i in range(work["depth"]):
        block = f"blocks.{i}"
        qkv = linear(p, f"{block}.attn.qkv", layer_norm(p, f"{block}.norm1", x))
        q, k, v = qkv.view(n, -1, 3, heads, d // heads).permute(2, 0, 3, 1, 4)
        weights = torch.softmax(q @ k.transpose(-1, -2) * (d // heads) ** -0.5, -1)
        x = x + linear(p, f"{block}.attn.proj", (weights @ v).transpose(1, 2).reshape(n, -1, d))
        hidden = F.gelu(linear(p, f"{block}.mlp.fc1", layer_norm(p, f"{block}.norm2", x)))
        x = x + linear(p, f"{block}.mlp.fc2", hidden)
    return layer_norm(p, "norm", x[:, 0])


def network(p, work, inputs):
    """Logits (rows of all inputs, K) of [crops, position matrix or None] pairs."""
    x = torch.cat([backbone(p, work, crops, resize) for crops, resize in inputs])
    x = F.gelu(linear(p, "head.mlp.0", x))
    x = F.gelu(linear(p, "head.mlp.2", x))
    return F.normalize(linear(p, "head.mlp.4", x), dim=-1) @ p["head.last_layer.weight"]


def start(work):
    """A function that does one step and gives its loss."""
    teacher = {name: torch.from_numpy(values) for name, values in parameters(work).items()}
    student = {name: values.clone().requires_grad_() for name, values in teacher.items()}
    matrices = [p for p in student.values() if p.dim() > 1]
    vectors = [p for p in student.values() if p.dim() == 1]
    groups = [dict(params=matrices, weight_decay=0.04), dict(params=vectors, weight_decay=0)]
    optimiser = torch.optim.AdamW(groups, lr=5e-4, betas=(0.9, 0.999), eps=1e-8)
    center = torch.zeros(work["prototypes"])
    globals_, locals_ = crops(work)
    inputs = [(globals_, None), (locals_, interpolation(work))]
    pairs = 2 * (2 + work["locals"] - 1)

    def step():
        with torch.no_grad():
            logits = network(teacher, work, inputs[:1])
            q1, q2 = torch.softmax((logits - center) / TEACHER_TEMP, -1).chunk(2)
            # Each student view is compared with the teacher's other views.
            wanted = torch.cat([q2, q1] + [q1 + q2] * work["locals"])
        log = torch.log_softmax(network(student, work, inputs) / STUDENT_TEMP, -1)
        loss = (wanted * log).sum() * (-1 / (pairs * work["batch"]))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        center.mul_(CENTER_MOMENTUM).add_(logits.mean(0), alpha=1 - CENTER_MOMENTUM)
        return loss.item()

    return step


def main():
    step = None
    for line in sys.stdin:
        command, *words = line.split()
        begin = time.perf_counter()
        if command == "begin":
            step = start(WORKS[words[0]])
            loss = step()
            answer = dict(first_ms=1e3 * (time.perf_counter() - begin), losses=[loss])
        else:
            n, seconds = int(words[0]), float(words[1])
            answer = dict(ms=[], losses=[])
            while not answer["ms"] or len(answer["ms"]) < n and time.perf_counter() < begin + seconds:
                now = time.perf_counter()
                answer["losses"].append(step())
                answer["ms"].append(1e3 * (time.perf_counter() - now))
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
