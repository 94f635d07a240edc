"""Optimisers as pure functions: update(theta, grad, state, rates) -> (theta, state).

Each is differentiable in theta, grad and the moments, so that a look-ahead can run through it. The names
without a suffix are torch.optim's forms, those with `-tf` TensorFlow 1's: the two differ in where eps stands
and in how RMSProp starts, and with it in the first thousand steps.
"""

from typing import Any

import torch
from torch import Tensor

from gandyn.core import checks
from gandyn.core.types import Optimizer, OptState, Rates

_adam_kernel: Any = torch.ops.aten._fused_adam_


def safe_sqrt(x: Tensor) -> Tensor:
    """The square root with derivative 0 at 0.

    Exact inside an optimiser: v = 0 means that the gradient and the old v are 0 too, so whatever the square
    root passes back is multiplied by 0; unguarded it would be 0 * inf = nan at the first dead relu unit.
    """
    if not x.requires_grad:
        return x.sqrt()
    positive = x > 0
    return torch.where(positive, torch.where(positive, x, 1.0).sqrt(), 0.0)


def _zeros(theta: Tensor) -> OptState:
    zero = torch.zeros_like(theta)
    return OptState(zero, zero, 0)


Number = float | Tensor


def as_like(value: Number, like: Tensor) -> Number:
    """Numbers of lanes are computed in their own precision and then multiply vectors in that of the vectors."""
    return value.to(like.dtype) if isinstance(value, Tensor) else value


def _decayed(old: Tensor, new: Tensor, decay: Number) -> Tensor:
    """decay old + (1 - decay) new."""
    return torch.lerp(old, new, as_like(1 - decay, old))


def _decayed_squares(old: Tensor, grad: Tensor, decay: Number) -> Tensor:
    """decay old + (1 - decay) grad^2."""
    if isinstance(decay, Tensor):
        return as_like(decay, old) * old + as_like(1 - decay, old) * grad.square()
    return (decay * old).addcmul_(grad, grad, value=1 - decay)


def _plus(x: Tensor, y: Tensor, rate: Number) -> Tensor:
    """x + rate y."""
    return x + as_like(rate, x) * y if isinstance(rate, Tensor) else torch.add(x, y, alpha=rate)


def _plus_quotient(x: Tensor, y: Tensor, root: Tensor, rate: Number) -> Tensor:
    """x + rate y / root."""
    return x + as_like(rate, x) * (y / root) if isinstance(rate, Tensor) else torch.addcdiv(x, y, root, value=rate)


def _root(v: Tensor, eps: Number) -> Tensor:
    """sqrt(v) + eps."""
    if v.requires_grad or isinstance(eps, Tensor):
        return safe_sqrt(v) + as_like(eps, v)
    return v.sqrt().add_(eps)


def _root_of_sum(v: Tensor, eps: Number) -> Tensor:
    """sqrt(v + eps)."""
    return (v + as_like(eps, v)).sqrt() if v.requires_grad else (v + as_like(eps, v)).sqrt_()


def _sgd(theta: Tensor, grad: Tensor, state: OptState, rates: Rates) -> tuple[Tensor, OptState]:
    m = _plus(grad, state.m, rates.beta1)
    return _plus(theta, m, -rates.lr), OptState(m, state.v, state.t + 1)


def _rmsprop(theta: Tensor, grad: Tensor, state: OptState, rates: Rates) -> tuple[Tensor, OptState]:
    v = _decayed_squares(state.v, grad, rates.beta2)
    m = _plus_quotient(as_like(rates.beta1, state.m) * state.m, grad, _root(v, rates.eps), 1.0)
    return _plus(theta, m, -rates.lr), OptState(m, v, state.t + 1)


def _rmsprop_tf(theta: Tensor, grad: Tensor, state: OptState, rates: Rates) -> tuple[Tensor, OptState]:
    v = _decayed_squares(state.v, grad, rates.beta2)
    m = _plus_quotient(as_like(rates.beta1, state.m) * state.m, grad, _root_of_sum(v, rates.eps), rates.lr)
    return theta - m, OptState(m, v, state.t + 1)


def _move_rmsprop_tf(theta: Tensor, grad: Tensor, state: OptState, rates: Rates) -> tuple[Tensor, OptState]:
    (lr, beta1, beta2, eps), (m, v, t) = rates, state
    if isinstance(lr, Tensor) or isinstance(beta2, Tensor) or _lanes(rates):
        return _rmsprop_tf(theta, grad, state, rates)
    v.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    m.mul_(beta1).addcdiv_(grad, _root_of_sum(v, eps), value=lr)
    return theta.sub_(m), OptState(m, v, t + 1)


def _moments(grad: Tensor, state: OptState, rates: Rates) -> OptState:
    m = _decayed(state.m, grad, rates.beta1)
    return OptState(m, _decayed_squares(state.v, grad, rates.beta2), state.t + 1)


def _differentiated(*tensors: Tensor) -> bool:
    return any(x.requires_grad for x in tensors)


def _lanes(rates: Rates) -> bool:
    return any(isinstance(rate, Tensor) for rate in rates)


def _own(theta: Tensor, state: OptState) -> tuple[Tensor, OptState]:
    """Copies that may be written into."""
    return theta.clone(), OptState(state.m.clone(), state.v.clone(), state.t)


def _fused_adam(theta: Tensor, grad: Tensor, state: OptState, rates: Rates) -> tuple[Tensor, OptState]:
    """Adam by torch's fused kernel, which writes into theta, m and v."""
    m, v, t = state
    now = torch.scalar_tensor(t + 1.0, dtype=torch.float32, device=theta.device)
    numbers: dict[str, Any] = {**rates._asdict(), "weight_decay": 0.0, "amsgrad": False, "maximize": False}
    _adam_kernel([theta], [grad], [m], [v], [], [now], **numbers)
    return theta, OptState(m, v, t + 1)


def _adam(theta: Tensor, grad: Tensor, state: OptState, rates: Rates) -> tuple[Tensor, OptState]:
    if not (_differentiated(theta, grad, state.m, state.v) or _lanes(rates)):
        theta, state = _own(theta, state)
        return _fused_adam(theta, grad, state, rates)
    new = _moments(grad, state, rates)
    scale = (1 - rates.beta2**new.t) ** 0.5
    rate = rates.lr * scale / (1 - rates.beta1**new.t)
    return _plus_quotient(theta, new.m, _root(new.v, scale * rates.eps), -rate), new


def _move_adam(theta: Tensor, grad: Tensor, state: OptState, rates: Rates) -> tuple[Tensor, OptState]:
    return _adam(theta, grad, state, rates) if _lanes(rates) else _fused_adam(theta, grad, state, rates)


def _as_torch(state: OptState, rates: Rates) -> Rates:
    """With the eps by which torch's form is TensorFlow's, whose own stands beside sqrt(v / (1 - beta2^t))."""
    return rates._replace(eps=rates.eps / (1 - rates.beta2 ** (state.t + 1)) ** 0.5)


def _adam_tf(theta: Tensor, grad: Tensor, state: OptState, rates: Rates) -> tuple[Tensor, OptState]:
    return _adam(theta, grad, state, _as_torch(state, rates))


def _move_adam_tf(theta: Tensor, grad: Tensor, state: OptState, rates: Rates) -> tuple[Tensor, OptState]:
    return _move_adam(theta, grad, state, _as_torch(state, rates))


def sgd() -> Optimizer:
    """Gradient descent: m <- beta1 m + g, theta <- theta - lr m (torch.optim.SGD with momentum beta1)."""
    return Optimizer("sgd", _zeros, _sgd)


def rmsprop() -> Optimizer:
    """RMSProp in torch's form: theta <- theta - lr g / (sqrt(v) + eps), v <- beta2 v + (1 - beta2) g^2 from 0."""
    return Optimizer("rmsprop", _zeros, _rmsprop)


def rmsprop_tf() -> Optimizer:
    """RMSProp in TensorFlow 1's form: theta <- theta - lr g / sqrt(v + eps), v as in torch's but from one."""
    return Optimizer(
        "rmsprop-tf", lambda theta: _zeros(theta)._replace(v=torch.ones_like(theta)), _rmsprop_tf, _move_rmsprop_tf
    )


def adam() -> Optimizer:
    """Adam in torch's form: theta <- theta - lr m_hat / (sqrt(v_hat) + eps). Ref: Kingma & Ba 2015 (1412.6980)."""
    return Optimizer("adam", _zeros, _adam, _move_adam)


def adam_tf() -> Optimizer:
    """Adam in TensorFlow 1's form: theta <- theta - lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + eps)."""
    return Optimizer("adam-tf", _zeros, _adam_tf, _move_adam_tf)


OPTIMIZERS = {make().name: make for make in (sgd, rmsprop, adam, rmsprop_tf, adam_tf)}


def optimizer(name: str) -> Optimizer:
    """The optimiser of that name; ValueError for an unknown one."""
    return OPTIMIZERS[checks.choice("optimizer", name, list(OPTIMIZERS))]()
