"""Dropout that can draw from a generator of its own."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class Dropout(nn.Module):
    """As ``nn.Dropout``; with a ``generator``, what is dropped does not hang on what else is drawn meanwhile."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share
        self.generator: torch.Generator | None = None

    def seed(self, seed: int) -> None:
        """Begins anew with the generator."""
        if self.generator is not None:
            self.generator.manual_seed(seed)

    def forward(self, x: Tensor) -> Tensor:
        """The same shape; what is kept grows so that the mean stays."""
        if self.generator is None or not self.training:
            return functional.dropout(x, self.share, self.training)
        kept = torch.empty_like(x).bernoulli_(1 - self.share, generator=self.generator)
        return x * kept.div_(1 - self.share)
