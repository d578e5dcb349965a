"""Our checkpoints in PyTorch: the backbone for timm, and a run that goes on.

    from dino_web import load_backbone
    model = load_backbone("run.safetensors")      # a timm VisionTransformer
    features = model(images)                      # (n, D)
"""

from .backbone import backbone_state, load_backbone
from .checkpoint import Checkpoint, CheckpointError, read, write
from .config import Config, ConfigError
from .model import attention, features
from .run import Metrics, NotFinite, Run

__all__ = [
    "Checkpoint", "CheckpointError", "Config", "ConfigError", "Metrics", "NotFinite", "Run", "attention",
    "backbone_state", "features", "load_backbone", "read", "write",
]
