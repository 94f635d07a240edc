"""Which digits are there, and how sure the classifier is of them."""

import torch
from torch import Tensor

from gandyn.probes.measures import reverse_kl

RARE = 0.01  # a class with a smaller share of the samples does not count as there
SURE = 0.9  # above this probability a sample is confident


def histogram(probabilities: Tensor) -> Tensor:
    """How many of the samples, with class probabilities [n, K], are most likely of each class: [K], sums to n."""
    return probabilities.argmax(1).bincount(minlength=probabilities.shape[1])


def kl_to_uniform(counts: Tensor) -> float:
    """sum p ln(K p) in nats of the shares p of the counts [K]: 0 if all are equal, ln K if there is but one."""
    k = len(counts)
    divergence = reverse_kl(counts, torch.full((k,), 1 / k, dtype=torch.float64))
    if divergence is None:
        raise ValueError("there are no samples to count")
    return divergence


def classes(counts: Tensor) -> int:
    """How many classes have more than 1 % of the samples, of their counts [K]."""
    return int((counts > RARE * counts.sum()).sum())


def confident(probabilities: Tensor) -> float:
    """The share of samples whose likeliest class, of [n, K], has a probability above 0.9."""
    return float((probabilities.amax(1) > SURE).double().mean())
