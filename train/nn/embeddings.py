"""Where the role vectors come from: fixed tables, or graph convolutions that learn them (eq. 1 to 6)."""

import warnings
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor, nn

from engine.evidence.graphs import Graphs
from engine.evidence.role_vectors import ViewTables
from engine.model_settings import ModelSettings


@dataclass(frozen=True)
class Views:
    """A graph's view of an entity a table, [W, rows, d] for W worlds; see ``engine.evidence.role_vectors.ViewTables``.

    ``average`` [W, 2d] is p-bar: the mean of e_p over the users who joined a group.
    """

    initiator: Tensor
    participant: Tensor
    social: Tensor
    launched: Tensor
    joined: Tensor
    average: Tensor


class FixedViews(nn.Module):
    """Tables that were computed beforehand, those of all worlds stacked; nothing here is learned."""

    def __init__(self, worlds: ViewTables) -> None:
        super().__init__()
        for name, stacked in vars(worlds).items():
            self.register_buffer(name, torch.from_numpy(stacked), persistent=False)

    @classmethod
    def of(cls, tables: ViewTables) -> "FixedViews":
        """Those of one world."""
        return cls(ViewTables(**{name: table[None] for name, table in vars(tables).items()}))

    def forward(self) -> Views:
        """The tables as they are."""
        return Views(**{name: self.get_buffer(name) for name in Views.__dataclass_fields__})


class GraphConvolutions(nn.Module):
    """Free vectors X0 and weights per graph and layer, X^l = sigmoid(A X^(l-1) W^(l-1)) (eq. 1 to 3).

    One world only: the learned vectors know every training group.
    """

    joins: Tensor

    def __init__(self, config: ModelSettings, graphs: Graphs) -> None:
        super().__init__()
        self.users, self.items = graphs.users, graphs.items
        launches = graphs.launched_ever
        if config.failed_launches:
            launches = launches + graphs.failed_ever
        sides = {
            "initiator": bipartite(launches),
            "participant": bipartite(graphs.joined_ever),
            "social": graphs.circle.tocsr(),
        }
        joined = torch.from_numpy(graphs.user_counts[:, 2] > 0)
        self.register_buffer("joins", joined.float(), persistent=False)
        self.start = nn.ParameterDict()
        self.weights: dict[str, list[nn.Linear]] = {}
        self.adjacency = {name: normalised(matrix) for name, matrix in sides.items()}
        for name, matrix in sides.items():
            self.start[name] = nn.Parameter(torch.randn(matrix.shape[0], config.dim) * 0.1)
            self.weights[name] = [
                nn.Linear(config.dim, config.dim, bias=False) for _ in range(config.layers)
            ]
        self.linears = nn.ModuleList(layer for part in self.weights.values() for layer in part)

    def forward(self) -> Views:
        """The vectors of the last layer, with a world axis of 1."""
        found = {}
        for name, start in self.start.items():
            vectors = start
            adjacency = self.adjacency[name].to(start.device)
            for weight in self.weights[name]:
                vectors = torch.sigmoid(weight(adjacency @ vectors))
            found[name] = vectors
        border = self.users + 1
        participant = found["participant"][:border]
        social = found["social"]
        both = torch.cat([participant, social], 1)
        average = (self.joins[:, None] * both).sum(0) / self.joins.sum().clamp(min=1)
        tables = {
            "initiator": found["initiator"][:border],
            "participant": participant,
            "social": social,
            "launched": found["initiator"][border:],
            "joined": found["participant"][border:],
            "average": average,
        }
        return Views(**{name: table.unsqueeze(0) for name, table in tables.items()})


def bipartite(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """A graph of both sides, rows first: [R, C] -> [R+C, R+C], symmetric."""
    return sp.bmat([[None, matrix], [matrix.T, None]]).tocsr()


def normalised(matrix: sp.csr_matrix) -> Tensor:
    """Symmetrically normalised with self-loops, as a torch CSR tensor (COO is 2 to 5 times slower)."""
    with_self = (matrix + sp.identity(matrix.shape[0], format="csr")).tocsr()
    root = 1 / np.sqrt(np.asarray(with_self.sum(1)).ravel())
    scaled = (sp.diags(root) @ with_self @ sp.diags(root)).tocsr().astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that CSR is in beta
        return torch.sparse_csr_tensor(
            torch.from_numpy(scaled.indptr.astype(np.int64)),
            torch.from_numpy(scaled.indices.astype(np.int64)),
            torch.from_numpy(scaled.data),
            size=scaled.shape,
        )
