"""What changes from step to step: pure functions of the iteration, as in `src/schedule.rs`.

Invariant: a step past the end of the run gets the end values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .config import Train


@dataclass(frozen=True)
class StepValues:
    """The settings of one step."""

    lr: float
    weight_decay: float
    momentum: float  # of the teacher's average
    teacher_temp: float
    freeze_last_layer: bool  # no step, no decay, no moments
    freeze_backbone: bool  # the same for the backbone


def at(train: Train, iteration: int) -> StepValues:
    """The settings of step `iteration`, counted from 0."""
    steps, epoch = train.total_steps, iteration // train.steps_per_epoch
    warmup = min(math.floor(train.warmup_epochs * train.steps_per_epoch + 0.5), steps)
    if iteration < warmup:
        lr = _linear(0.0, train.lr, iteration, warmup)
    else:
        lr = _cosine(train.lr, train.min_lr, iteration - warmup, steps - warmup)
    temp, rising = train.teacher_temp, train.warmup_teacher_temp_epochs
    return StepValues(
        lr=lr,
        weight_decay=_cosine(train.weight_decay, train.weight_decay_end, iteration, steps),
        momentum=_cosine(train.momentum_teacher, 1.0, iteration, steps),
        teacher_temp=temp if epoch >= rising else _linear(train.warmup_teacher_temp, temp, epoch, rising),
        freeze_last_layer=epoch < train.freeze_last_layer,
        freeze_backbone=iteration < frozen_steps(train),
    )


def frozen_steps(train: Train) -> int:
    """Steps in which the backbone is left alone while a fresh head warms up."""
    return math.floor(train.freeze_backbone * train.steps_per_epoch + 0.5)


def adam_steps(train: Train, iteration: int, name: str) -> int:
    """Steps that Adam took of a parameter before `iteration`: none while it was frozen."""
    frozen = 0
    if "last_layer" in name:
        frozen = math.ceil(train.freeze_last_layer) * train.steps_per_epoch
    elif name.startswith("backbone."):
        frozen = frozen_steps(train)
    return max(iteration - frozen, 0)


def _linear(start: float, end: float, i: int, n: int) -> float:
    return start if n < 2 else start + (end - start) * i / (n - 1)


def _cosine(start: float, end: float, i: int, n: int) -> float:
    if i >= n:
        return end
    return end + 0.5 * (start - end) * (1.0 + math.cos(math.pi * i / n))
