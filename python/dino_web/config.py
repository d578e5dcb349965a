"""What a run is, as plain data: network, head, crops, training. Mirrors `src/config.rs`.

Invariant: a `Config` made by `Config.from_json` goes back to the same JSON by `Config.to_json`, with
whatever keys this version does not know.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, fields
from typing import Any, Mapping, get_args, get_type_hints

MLP_RATIO = 4


class ConfigError(ValueError):
    """A setting that is missing, of another kind, or out of range; the message is a sentence."""


@dataclass(frozen=True)
class Vit:
    """The backbone: a pre-norm Vision Transformer."""

    img_size: int  # side in pixels of the square that pos_embed was made for
    patch_size: int  # side of a patch in pixels
    embed_dim: int  # D
    depth: int
    num_heads: int
    drop_path_rate: float = 0.0  # of the last block, student only

    @property
    def grid(self) -> int:
        """Patches along a side of `img_size`."""
        return self.img_size // self.patch_size


@dataclass(frozen=True)
class Head:
    """The projection head."""

    hidden_dim: int
    bottleneck_dim: int
    out_dim: int  # prototypes K
    norm_last_layer: bool = True  # weight_g stays as it is


@dataclass(frozen=True)
class Crops:
    """The views of an image."""

    global_size: int  # pixels
    local_size: int
    n_local: int  # L
    global_scale: tuple[float, float] = (0.4, 1.0)  # area over the picture's area
    local_scale: tuple[float, float] = (0.05, 0.4)
    blur: float = 2.0  # largest standard deviation in pixels of a crop; 0 = none
    jitter: float = 1.0  # strength of the colour jitter: 1 = the paper's

    @property
    def picture_side(self) -> int:
        """Long side in pixels of the pictures that crops are cut from, as on the page."""
        return min(max(4 * self.global_size, 64), 512)


@dataclass(frozen=True)
class Train:
    """Batch, schedules and optimiser."""

    batch: int  # images a step, of all processes together
    epochs: int
    steps_per_epoch: int
    warmup_epochs: float
    lr: float  # peak, already scaled by the batch
    min_lr: float
    weight_decay: float
    weight_decay_end: float
    momentum_teacher: float
    teacher_temp: float
    warmup_teacher_temp: float
    warmup_teacher_temp_epochs: int
    clip_grad: float  # largest norm of a tensor's gradient; 0 = no clipping
    freeze_last_layer: float  # epochs
    student_temp: float
    center_momentum: float
    freeze_backbone: float = 0.0  # epochs, to the nearest step

    @property
    def total_steps(self) -> int:
        return self.epochs * self.steps_per_epoch


@dataclass(frozen=True)
class Config:
    """One run, complete."""

    vit: Vit
    head: Head
    crops: Crops
    train: Train
    source: Mapping[str, Any]  # the JSON that it was read from

    @property
    def views(self) -> int:
        """Crops of an image: two globals and L locals."""
        return 2 + self.crops.n_local

    @staticmethod
    def from_json(source: Mapping[str, Any]) -> Config:
        """Reads the `config` of a checkpoint, or a golden case.

        Raises ConfigError for a setting that is missing, of another kind, or makes no sense.
        """
        vit = _read(Vit, _part(source, "vit"))
        head = _read(Head, _part(source, "head"))
        crops = _read(Crops, _part(source, "crops"))
        config = Config(vit, head, crops, _read(Train, source), copy.deepcopy(dict(source)))
        config._check()
        return config

    def to_json(self) -> dict[str, Any]:
        """The JSON that `from_json` reads."""
        return copy.deepcopy(dict(self.source))

    def changed(self, key: str, value: float | str) -> Config:
        """The same run with another number, or word, of `Train`.

        Raises ConfigError for a key that is not there or a value that makes no sense.
        """
        names = [f.name for f in fields(Train)]
        if key not in names:
            raise ConfigError(f"expected one of {', '.join(names)}, found `{key}`")
        source = self.to_json()
        if isinstance(value, str):
            source[key] = value
        else:
            source[key] = int(value) if float(value).is_integer() else float(value)
        return Config.from_json(source)

    def _check(self) -> None:
        vit, crops, train = self.vit, self.crops, self.train
        _need(vit.embed_dim % max(vit.num_heads, 1) == 0 and vit.num_heads > 0,
              f"embed_dim {vit.embed_dim} cannot be divided into {vit.num_heads} heads")
        sizes = [("img_size", vit.img_size), ("global_size", crops.global_size)]
        sizes += [("local_size", crops.local_size)] if crops.n_local else []
        for name, size in sizes:
            _need(size > 0 and vit.patch_size > 0 and size % vit.patch_size == 0,
                  f"`{name}`: expected a multiple of the patch size {vit.patch_size}, found {size}")
        for name in ("batch", "epochs", "steps_per_epoch"):
            value = getattr(train, name)
            _need(value >= 1, f"`{name}`: expected at least 1, found {value}")
        for name in ("teacher_temp", "warmup_teacher_temp", "student_temp"):
            value = getattr(train, name)
            _need(value > 0, f"`{name}`: expected more than 0, found {value}")
        for name in ("momentum_teacher", "center_momentum"):
            value = getattr(train, name)
            _need(0 <= value <= 1, f"`{name}`: expected 0 to 1, found {value}")


def _need(holds: bool, message: str) -> None:
    if not holds:
        raise ConfigError(message)


def _part(source: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = source.get(name)
    if not isinstance(part, Mapping):
        raise ConfigError(f"`{name}`: expected an object, found {part!r}")
    return part


def _read(kind: Any, source: Mapping[str, Any]) -> Any:
    """A dataclass from JSON; `int` fields take whole numbers only, `Literal` ones one of their words."""
    values: dict[str, Any] = {}
    for field in fields(kind):
        if field.name not in source:
            continue  # its default, or the dataclass complains below
        value, wanted = source[field.name], str(field.type)
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if wanted == "bool":
            _need(isinstance(value, bool), f"`{field.name}`: expected true or false, found {value!r}")
        elif wanted == "int":
            whole = number and float(value).is_integer()
            _need(whole and value >= 0, f"`{field.name}`: expected a whole number, found {value!r}")
            value = int(value)
        elif wanted.startswith("Literal["):
            words = get_args(get_type_hints(kind)[field.name])
            _need(value in words, f"`{field.name}`: expected one of {', '.join(words)}, found {value!r}")
        elif wanted == "float":
            _need(number, f"`{field.name}`: expected a number, found {value!r}")
        else:
            pair = isinstance(value, (list, tuple)) and len(value) == 2
            _need(pair and 0 < value[0] <= value[1] <= 1,
                  f"`{field.name}`: expected two numbers from 0 to 1, found {value!r}")
            value = (float(value[0]), float(value[1]))
        values[field.name] = value
    try:
        return kind(**values)
    except TypeError as error:
        raise ConfigError(f"a setting is missing: {error}") from error
