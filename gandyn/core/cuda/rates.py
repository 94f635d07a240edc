"""The numbers that the optimisers of a launch take at each of its updates."""

from __future__ import annotations

import torch
from torch import Tensor

from gandyn.core.types import Knobs


def update_numbers(
    optimizer: str, lr: float | Tensor, knobs: Knobs, t: Tensor, count: int, dtype: torch.dtype
) -> Tensor:
    """The numbers of `count` updates after t of them, [count, N or 1, 6]; computed in float64 as the optimisers do.

    Of Adam the corrections for the start are in them: theta - rate m / (sqrt v + eps), rate = lr s / (1 - beta1^t) and
    eps s in torch's form, s = sqrt(1 - beta2^t).
    """
    lr, beta1, beta2, eps = (
        torch.as_tensor(one, dtype=torch.float64).to(t.device) if isinstance(one, Tensor)
        else torch.full((), one, dtype=torch.float64, device=t.device)
        for one in (lr, knobs.beta1, knobs.beta2, knobs.eps)
    )  # fmt: skip
    n = (t + torch.arange(1, count + 1, device=t.device)).double()[:, None]
    if optimizer.startswith("adam"):
        scale = (1 - beta2**n) ** 0.5
        lr = lr * scale / (1 - beta1**n)
        eps = eps * scale if optimizer == "adam" else eps
    columns = torch.broadcast_tensors(lr, beta1, 1 - beta1, beta2, 1 - beta2, eps, torch.zeros_like(n))[:-1]
    return torch.stack(columns, -1).to(dtype).contiguous()
