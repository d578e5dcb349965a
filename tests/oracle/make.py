"""The oracle: timm's ViTs in PyTorch with the weights of formula.py.

    make.py FOLDER          writes the weights as others write them, and what timm makes of them
    make.py FOLDER check    opens what `dino convert` made of them and compares

`cargo xtask oracle` runs both, with the conversions between them."""

import argparse
import os
import sys
from collections import OrderedDict

import numpy as np
import timm
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

import formula

MODELS = {
    "tiny16": "vit_tiny_patch16_224",
    "small16": "vit_small_patch16_224",
    "small8": "vit_small_patch8_224",
}
SIDES = (224, 480)
# Of longer maps only every seventh value is kept.
MOST = 400


def create(name, side):
    # The official models have an epsilon of 1e-6, as timm's.
    return timm.create_model(MODELS[name], img_size=side, num_classes=0).eval()


def state(name):
    shapes = create(name, 224).state_dict()
    return OrderedDict(
        (key, torch.from_numpy(formula.weights(key, i, tuple(value.shape))))
        for i, (key, value) in enumerate(shapes.items())
    )


def positions(pos_embed, patch, side):
    """The official interpolation, with the 0.1 in its scale."""
    grid = int((pos_embed.shape[1] - 1) ** 0.5)
    if side // patch == grid:
        return pos_embed
    cls, patches = pos_embed[:, :1], pos_embed[:, 1:]
    square = patches.reshape(1, grid, grid, -1).permute(0, 3, 1, 2)
    scale = (side // patch + 0.1) / grid
    square = F.interpolate(square, scale_factor=(scale, scale), mode="bicubic")
    assert square.shape[-1] == side // patch
    return torch.cat([cls, square.permute(0, 2, 3, 1).reshape(1, -1, pos_embed.shape[2])], 1)


@torch.no_grad()
def see(weights, name, side):
    """CLS after the final norm (D) and the last block's attention of it to the patches (heads, N)."""
    model = create(name, side)
    patch = model.patch_embed.patch_size[0]
    model.load_state_dict({**weights, "pos_embed": positions(weights["pos_embed"], patch, side)})
    kept = {}
    attention = model.blocks[-1].attn
    attention.register_forward_hook(lambda _, inputs, __: kept.update(x=inputs[0]))
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    pixels = torch.from_numpy(formula.picture(side)).float() / 255.0
    x = ((pixels - mean) / deviation).permute(2, 0, 1)[None]
    cls = model.forward_features(x)[0, 0]
    tokens = kept["x"].shape[1]
    qkv = attention.qkv(kept["x"]).reshape(tokens, 3, attention.num_heads, attention.head_dim)
    q, k, _ = qkv.permute(1, 2, 0, 3)
    row = (q[:, :1] * attention.scale @ k.transpose(1, 2)).softmax(-1)[:, 0, 1:]
    return cls, row


def hugging_face(weights):
    renamed = {}
    for key, value in weights.items():
        for ours, theirs in (
            ("cls_token", "embeddings.cls_token"),
            ("pos_embed", "embeddings.position_embeddings"),
            ("patch_embed.proj", "embeddings.patch_embeddings.projection"),
            ("blocks.", "encoder.layer."),
            (".norm1.", ".layernorm_before."),
            (".norm2.", ".layernorm_after."),
            (".attn.proj.", ".attention.output.dense."),
            (".mlp.fc1.", ".intermediate.dense."),
            (".mlp.fc2.", ".output.dense."),
        ):
            key = key.replace(ours, theirs)
        key = "layernorm." + key[5:] if key.startswith("norm.") else key
        if ".attn.qkv." in key:
            for part, values in zip(("query", "key", "value"), value.chunk(3)):
                name = key.replace(".attn.qkv.", f".attention.attention.{part}.")
                renamed[name] = values.contiguous()
        else:
            renamed[key] = value
    renamed["pooler.dense.weight"] = torch.zeros(4, 4)
    return renamed


def full(weights):
    """A checkpoint as main_dino.py writes it; the student is another than the teacher."""
    teacher = OrderedDict((f"backbone.{key}", value) for key, value in weights.items())
    teacher["head.mlp.0.weight"] = torch.zeros(8, 8)
    student = OrderedDict((f"module.{key}", value * 0.5) for key, value in teacher.items())
    parameters = [torch.nn.Parameter(torch.ones(3))]
    optimizer = torch.optim.AdamW(parameters)
    parameters[0].sum().backward()
    optimizer.step()
    return {
        "student": student,
        "teacher": teacher,
        "optimizer": optimizer.state_dict(),
        "epoch": 100,
        "args": argparse.Namespace(arch="vit_small", lr=5e-4, local_crops_scale=(0.05, 0.4)),
        "dino_loss": OrderedDict(center=torch.zeros(1, 8)),
    }


class Code:
    def __reduce__(self):
        return os.system, ("touch owned-by-a-pickle",)


def formats(weights, folder, name):
    weights = OrderedDict((key, value.clone()) for key, value in weights.items())
    torch.save(weights, f"{folder}/{name}.backbone.pth")
    torch.save(full(weights), f"{folder}/{name}.full.pth")
    save_file(weights, f"{folder}/{name}.timm.safetensors", {"format": "pt"})
    save_file(hugging_face(weights), f"{folder}/{name}.hf.safetensors", {"format": "pt"})


def small(folder):
    """The files that the repository keeps: a ViT of width 4, once with code in it."""
    model = timm.models.vision_transformer.VisionTransformer(
        img_size=8, patch_size=4, embed_dim=4, depth=1, num_heads=1, num_classes=0
    )
    weights = OrderedDict(
        (key, torch.from_numpy(formula.weights(key, i, tuple(value.shape))))
        for i, (key, value) in enumerate(model.state_dict().items())
    )
    torch.save(weights, f"{folder}/backbone.pth")
    torch.save(full(weights), f"{folder}/full.pth")
    torch.save({**weights, "args": Code()}, f"{folder}/code.pth")


def make(folder):
    record = {}
    small(folder)
    for name in MODELS:
        weights = state(name)
        formats(weights, folder, name)
        for side in SIDES:
            cls, row = see(weights, name, side)
            every = 1 if row.shape[1] <= MOST else 7
            record[f"{name}.{side}.cls"] = cls
            record[f"{name}.{side}.attention"] = row[:, ::every].contiguous()
            print(f"{name} at {side} px: norm {cls.norm():.4f}, largest {row.max():.4f}", flush=True)
    save_file(record, f"{folder}/expect.safetensors")


def check(folder):
    """Every conversion gave the same tensors, and timm takes the file as it is."""
    for name in MODELS:
        weights = state(name)
        for kind in ("backbone.pth", "full.pth", "timm.safetensors", "hf.safetensors"):
            found = load_file(f"{folder}/{name}.{kind}.out.safetensors")
            assert found.keys() == weights.keys(), found.keys() ^ weights.keys()
            for key, value in weights.items():
                assert torch.equal(found[key], value), f"{kind}: {key}"
            create(name, 224).load_state_dict(found)
        print(f"{name}: four formats, the same {len(weights)} tensors, and timm takes them")


if __name__ == "__main__":
    torch.set_num_threads(os.cpu_count() or 1)
    (check if sys.argv[2:] == ["check"] else make)(sys.argv[1])
