"""The backbone of a checkpoint as a timm model."""

from __future__ import annotations

import os

from timm.models.vision_transformer import VisionTransformer

from .checkpoint import ROLES, Checkpoint, Tensors, read
from .model import vision_transformer


def backbone_state(checkpoint: Checkpoint, network: str = "teacher") -> Tensors:
    """The backbone's tensors under timm's names, which are the official ones.

    Where the sizes are those of a timm model, that takes them unchanged:
    `timm.create_model("vit_tiny_patch16_224", num_classes=0).load_state_dict(backbone_state(c))`.
    """
    if network not in ROLES[:2]:
        raise ValueError(f"expected student or teacher, found {network!r}")
    prefix = "backbone."
    tensors = checkpoint.role(network)
    return {n[len(prefix):]: t for n, t in tensors.items() if n.startswith(prefix)}


def load_backbone(path: str | os.PathLike[str], network: str = "teacher") -> VisionTransformer:
    """The backbone of a checkpoint as a timm model in evaluation mode; `model(images)` gives the CLS
    features (n, D) of normalised images (n, 3, S, S) with S the `img_size` of the run.

    For images of other sizes use `features` and `attention`, which interpolate positions as the official
    code does. Raises CheckpointError for a file that is none of ours.
    """
    checkpoint = read(path)
    model = vision_transformer(checkpoint.config.vit)
    model.load_state_dict(backbone_state(checkpoint, network))
    return model.eval()
