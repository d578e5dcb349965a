"""Student and teacher: timm's Vision Transformer and DINO's head under the names of the checkpoint.

Invariant: `Network(config).state_dict()` has exactly the names and shapes of `checkpoint.shapes`.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from timm.models.vision_transformer import VisionTransformer
from torch import nn

from .config import MLP_RATIO, Config, Head, Vit


def vision_transformer(vit: Vit) -> VisionTransformer:
    """timm's model of these sizes, without a classifier: `model(images)` is the CLS feature (n, D)."""
    return VisionTransformer(
        img_size=vit.img_size,
        patch_size=vit.patch_size,
        embed_dim=vit.embed_dim,
        depth=vit.depth,
        num_heads=vit.num_heads,
        mlp_ratio=MLP_RATIO,
        num_classes=0,
    )


def positions(pos_embed: torch.Tensor, down: int, across: int) -> torch.Tensor:
    """Positions (1, 1 + down·across, D) for another grid of patches than `pos_embed` (1, N + 1, D) was made
    for: bicubic, with the 0.1 that the official code adds to the new size. CLS keeps its own."""
    side = round((pos_embed.shape[1] - 1) ** 0.5)
    if (down, across) == (side, side):
        return pos_embed
    patches = pos_embed[:, 1:].reshape(1, side, side, -1).permute(0, 3, 1, 2)
    scale = [(down + 0.1) / side, (across + 0.1) / side]
    patches = F.interpolate(
        patches, scale_factor=scale, mode="bicubic", align_corners=False, recompute_scale_factor=False
    )
    if tuple(patches.shape[2:]) != (down, across):
        raise ValueError(f"expected {down} × {across} positions, found {tuple(patches.shape[2:])}")
    patches = patches.permute(0, 2, 3, 1).reshape(1, down * across, -1)
    return torch.cat([pos_embed[:, :1], patches], dim=1)


def tokens(backbone: VisionTransformer, images: torch.Tensor) -> torch.Tensor:
    """Tokens (n, 1 + N, D) before the first block of normalised images (n, 3, h, w) of whole patches."""
    x = backbone.patch_embed.proj(images)
    down, across = x.shape[2:]
    x = torch.cat([backbone.cls_token.expand(len(x), -1, -1), x.flatten(2).transpose(1, 2)], dim=1)
    return x + positions(backbone.pos_embed, down, across)


def features(backbone: VisionTransformer, images: torch.Tensor) -> torch.Tensor:
    """CLS features (n, D) of normalised images (n, 3, h, w) of any size in whole patches."""
    x: torch.Tensor = backbone.norm(backbone.blocks(tokens(backbone, images)))
    return x[:, 0]


def attention(backbone: VisionTransformer, images: torch.Tensor) -> torch.Tensor:
    """Attention (n, heads, 1 + N, 1 + N) of the last block; what the page shows is `[:, :, 0, 1:]`."""
    x = tokens(backbone, images)
    for block in backbone.blocks[:-1]:
        x = block(x)
    block = backbone.blocks[-1]
    qkv = block.attn.qkv(block.norm1(x))
    n, t, width = qkv.shape
    q, k, _ = qkv.reshape(n, t, 3, block.attn.num_heads, -1).permute(2, 0, 3, 1, 4)
    scores = q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5
    return scores.softmax(dim=-1)


class DropPath(nn.Module):
    """Stochastic depth with scales (crops of this pass) that were drawn elsewhere."""

    scales: torch.Tensor | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x if self.scales is None else x * self.scales.view(-1, 1, 1).to(x)


class LastLayer(nn.Module):
    """Weight-normed linear layer without bias: w_k = g_k v_k / ‖v_k‖."""

    def __init__(self, head: Head) -> None:
        super().__init__()
        self.weight_g = nn.Parameter(torch.ones(head.out_dim, 1))
        self.weight_v = nn.Parameter(torch.empty(head.out_dim, head.bottleneck_dim))
        self.weight_g.requires_grad = not head.norm_last_layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        length = self.weight_v.norm(dim=1, keepdim=True)
        return F.linear(x, self.weight_g * self.weight_v / length)


class ProjectionHead(nn.Module):
    """DINO's head: (n, D) to logits (n, K)."""

    def __init__(self, width: int, head: Head) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(width, head.hidden_dim),
            nn.GELU(),
            nn.Linear(head.hidden_dim, head.hidden_dim),
            nn.GELU(),
            nn.Linear(head.hidden_dim, head.bottleneck_dim),
        )
        self.last_layer = LastLayer(head)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.normalize(self.mlp(x), dim=-1, eps=1e-12)
        logits: torch.Tensor = self.last_layer(x)
        return logits


class Network(nn.Module):
    """Backbone and head."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.backbone = vision_transformer(config.vit)
        self.head = ProjectionHead(config.vit.embed_dim, config.head)
        self.drop_paths: list[DropPath] = []
        for block in self.backbone.blocks:
            block.drop_path1, block.drop_path2 = DropPath(), DropPath()
            self.drop_paths += [block.drop_path1, block.drop_path2]

    def forward(self, globals_: torch.Tensor, locals_: torch.Tensor,
                drop: torch.Tensor | None = None) -> torch.Tensor:
        """Logits (crops, K) of the global crops (g, 3, G, G), then of the local ones (l, 3, s, s), which
        may be none; `drop` (2·depth, g + l) scales every branch of every crop."""
        views = [globals_] + ([locals_] if len(locals_) else [])
        found, start = [], 0
        for crops in views:
            for branch, path in enumerate(self.drop_paths):
                path.scales = None if drop is None else drop[branch, start : start + len(crops)]
            found.append(features(self.backbone, crops))
            start += len(crops)
        logits: torch.Tensor = self.head(torch.cat(found))
        return logits
