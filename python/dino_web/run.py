"""One DINO step, and the state between steps. Follows the official implementation, in the order of
`docs`: schedules, forward passes, loss with the old centre, centre, clipping, frozen last layer, AdamW,
teacher.

Invariant: with the batch split evenly over processes, every process holds the same state after a step, and
it is the state that one process would have.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from . import schedule
from .checkpoint import CENTER, Checkpoint, Tensors
from .config import Config
from .model import Network


class NotFinite(ArithmeticError):
    """The loss is no number any more; the state is that before the step."""


@dataclass(frozen=True)
class Metrics:
    """Numbers of a finished step, over all processes."""

    step: int
    loss: float
    entropy: float  # mean of the teacher's distributions, nats
    lr: float
    weight_decay: float
    momentum: float
    teacher_temp: float


class Run:
    """Student, teacher, optimiser and centre on one device; `step` after `step`."""

    def __init__(self, checkpoint: Checkpoint, device: torch.device | str = "cpu",
                 dtype: torch.dtype = torch.float32) -> None:
        """`dtype` is that of parameters and arithmetic; float64 serves comparisons."""
        self.config, self.seed, self.step_index = checkpoint.config, checkpoint.seed, checkpoint.step
        self.metadata = checkpoint.metadata
        self.images = checkpoint.images
        device = torch.device(device)
        self.student = Network(self.config).to(device, dtype)
        self.teacher = Network(self.config).to(device, dtype).requires_grad_(False)
        self.student.load_state_dict(checkpoint.role("student"))
        self.teacher.load_state_dict(checkpoint.role("teacher"))
        self.center = checkpoint.tensors[CENTER].to(device, dtype)
        self.parameters = dict(self.student.named_parameters())
        self.optimizer = self._optimizer(checkpoint)
        self.distributed = dist.is_available() and dist.is_initialized()
        self.forward: nn.Module = self.student
        if self.distributed:
            devices = [torch.cuda.current_device()] if device.type == "cuda" else None
            self.forward = DistributedDataParallel(self.student, device_ids=devices)

    def step(self, globals_: torch.Tensor, locals_: torch.Tensor, drop: torch.Tensor | None = None,
             autocast: bool = False) -> Metrics:
        """One step on this process's crops: globals (2·n, 3, G, G), rows `[g1; g2]`, locals (L·n, 3, l, l).
        `drop` (2·depth, views·n) are drop-path scales; `autocast` runs the forward passes in bfloat16.

        Raises NotFinite, on every process, when the loss of any is not finite.
        """
        config, train = self.config, self.config.train
        values = schedule.at(train, self.step_index)
        with torch.amp.autocast_mode.autocast(self.center.device.type, torch.bfloat16, enabled=autocast):
            with torch.no_grad():
                teacher = self.teacher(globals_, locals_[:0])
            student = self.forward(globals_, locals_, drop)
        teacher, student = teacher.to(self.center), student.to(self.center)
        loss, entropy = dino_loss(student, teacher, self.center, config, values.teacher_temp)
        shown = self._mean(torch.stack([loss.detach(), entropy]))
        if not math.isfinite(float(shown[0])):
            raise NotFinite(f"the loss of step {self.step_index} is {float(shown[0])}: a lower learning "
                            "rate or teacher temperature may help")
        self.center = self._moved_center(teacher)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self._update(values)
        metrics = Metrics(self.step_index, float(shown[0]), float(shown[1]), values.lr,
                          values.weight_decay, values.momentum, values.teacher_temp)
        self.step_index += 1
        return metrics

    def checkpoint(self) -> Checkpoint:
        """The state as it can be written, copied to the CPU."""
        tensors: Tensors = {CENTER: self.center}
        for name, parameter in self.parameters.items():
            state = self.optimizer.state[parameter] if parameter in self.optimizer.state else None
            tensors[f"student.{name}"] = parameter
            zero = torch.zeros_like(parameter)
            tensors[f"first_moment.{name}"] = state["exp_avg"] if state else zero
            tensors[f"second_moment.{name}"] = state["exp_avg_sq"] if state else zero
        tensors.update((f"teacher.{n}", t) for n, t in self.teacher.named_parameters())
        copied = {n: t.detach().to("cpu", torch.float32, copy=True) for n, t in tensors.items()}
        return Checkpoint(self.config, self.seed, self.step_index, copied, self.metadata, self.images)

    def _optimizer(self, checkpoint: Checkpoint) -> torch.optim.AdamW:
        trained = {n: p for n, p in self.parameters.items() if p.requires_grad}
        decayed = [p for n, p in trained.items() if p.ndim > 1 and not n.endswith(".bias")]
        others = [p for n, p in trained.items() if p.ndim <= 1 or n.endswith(".bias")]
        groups: list[dict[str, Any]] = [{"params": decayed}, {"params": others, "weight_decay": 0.0}]
        optimizer = torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.999), eps=1e-8)
        first, second = checkpoint.role("first_moment"), checkpoint.role("second_moment")
        for name, parameter in trained.items():
            optimizer.state[parameter] = {
                "step": torch.tensor(float(schedule.adam_steps(self.config.train, self.step_index, name))),
                "exp_avg": first[name].to(parameter, copy=True),
                "exp_avg_sq": second[name].to(parameter, copy=True),
            }
        return optimizer

    def _moved_center(self, teacher: torch.Tensor) -> torch.Tensor:
        mean = self._mean(teacher.mean(dim=0, keepdim=True))
        keep = self.config.train.center_momentum
        return self.center * keep + mean * (1 - keep)

    @torch.no_grad()
    def _update(self, values: schedule.StepValues) -> None:
        clip = self.config.train.clip_grad
        for name, parameter in self.parameters.items():
            if parameter.grad is None:
                continue
            norm = parameter.grad.norm()
            frozen = (values.freeze_last_layer and "last_layer" in name) or (
                values.freeze_backbone and name.startswith("backbone."))
            if frozen or not bool(torch.isfinite(norm)):
                parameter.grad = None  # AdamW passes it over
            elif clip > 0:
                parameter.grad.mul_((clip / (norm + 1e-6)).clamp(max=1.0))
        decayed, others = self.optimizer.param_groups
        decayed["lr"] = others["lr"] = values.lr
        decayed["weight_decay"] = values.weight_decay
        self.optimizer.step()
        for name, parameter in self.teacher.named_parameters():
            parameter.mul_(values.momentum).add_(self.parameters[name], alpha=1 - values.momentum)

    def _mean(self, value: torch.Tensor) -> torch.Tensor:
        """The mean over all processes."""
        if self.distributed:
            value = value.clone()
            dist.all_reduce(value)
            value /= dist.get_world_size()
        return value


def dino_loss(student: torch.Tensor, teacher: torch.Tensor, center: torch.Tensor, config: Config,
              teacher_temp: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Cross-entropy of every student view with both teacher views but its own, and the mean entropy of the
    teacher's distributions in nats. Logits (views·n, K) and (2·n, K), rows view by view; center (1, K)."""
    views = config.views
    log_p = torch.log_softmax(student.div(config.train.student_temp), dim=-1).chunk(views)
    q = torch.softmax((teacher - center).div(teacher_temp), dim=-1).chunk(2)
    pairs = [(i, v) for i in range(2) for v in range(views) if v != i]
    loss = torch.stack([-(q[i] * log_p[v]).sum(dim=-1).mean() for i, v in pairs]).mean()
    entropy = torch.stack([torch.special.entr(part).sum(dim=-1).mean() for part in q]).mean()
    return loss, entropy
