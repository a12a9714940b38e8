"""The embeddings (eq. 1 to 6): fixed tables, or graph convolutions that learn them."""

import warnings
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.bundle.files import ITEM_VIEWS, USER_VIEWS
from engine.evidence.graphs import Graphs
from engine.evidence.role_vectors import ViewTables
from engine.model_settings import ModelSettings


@dataclass(frozen=True)
class Views:
    """The view that each graph gives of every user and item in S snapshots, [S, rows, d].

    See ``engine.evidence.role_vectors.ViewTables``. ``average`` [S, 2d] is p-bar, the mean of e_p over the users who
    joined a group.
    """

    initiator: Tensor
    participant: Tensor
    social: Tensor
    launched: Tensor
    joined: Tensor
    average: Tensor

    def only(self, snapshot: int) -> "Views":
        """The views of one snapshot, [1, rows, d]."""
        return Views(*(table[snapshot : snapshot + 1] for table in vars(self).values()))


@dataclass(frozen=True)
class BatchViews:
    """The views as a batch looks them up: row b of the batch in snapshot ``snapshot`` [B]."""

    views: Views
    snapshot: Tensor

    def users(self, rows: Tensor) -> list[Tensor]:
        """The views of users [B, K], each [B, K, d], in the order of USER_VIEWS."""
        return [self._look_up(getattr(self.views, name), rows) for name in USER_VIEWS]

    def items(self, rows: Tensor) -> list[Tensor]:
        """The views of items [B, K], each [B, K, d], in the order of ITEM_VIEWS."""
        return [self._look_up(getattr(self.views, name), rows) for name in ITEM_VIEWS]

    def participants(self, rows: Tensor) -> list[Tensor]:
        """The participant view and the social view of users [B, K], each [B, K, d]."""
        return [self._look_up(table, rows) for table in (self.views.participant, self.views.social)]

    def average_participant(self) -> list[Tensor]:
        """The participant view and the social view of p-bar, each [B, 1, d]."""
        return [*self.views.average[self.snapshot][:, None].chunk(2, -1)]

    def _look_up(self, table: Tensor, rows: Tensor) -> Tensor:
        """Rows [B, K] of ``table`` [S, N, d] as [B, K, d]."""
        if len(table) == 1:  # a plain look-up is the fastest that ONNX has
            return functional.embedding(rows, table[0])
        return table[self.snapshot[:, None], rows]


class FixedViews(nn.Module):
    """Views that were computed before the training, stacked over all snapshots; nothing is learned."""

    def __init__(self, stacked: ViewTables) -> None:
        super().__init__()
        for name, table in vars(stacked).items():
            self.register_buffer(name, torch.from_numpy(table), persistent=False)

    @classmethod
    def of_one_snapshot(cls, tables: ViewTables) -> "FixedViews":
        """The views of a single snapshot."""
        return cls(ViewTables(**{name: table[None] for name, table in vars(tables).items()}))

    def forward(self) -> Views:
        """The tables as they are."""
        return Views(**{name: self.get_buffer(name) for name in Views.__dataclass_fields__})


class GraphConvolutions(nn.Module):
    """Learned vectors X0 and weights per graph and layer: X^l = sigmoid(A X^(l-1) W^(l-1)) (eq. 1 to 3).

    One snapshot only, since the learned vectors know every training group.
    """

    joins: Tensor

    def __init__(self, settings: ModelSettings, graphs: Graphs) -> None:
        super().__init__()
        self.users, self.items = graphs.users, graphs.items
        launches = graphs.launched_ever
        if settings.failed_launches:
            launches = launches + graphs.failed_ever
        graphs_by_view = {
            "initiator": bipartite(launches),
            "participant": bipartite(graphs.joined_ever),
            "social": graphs.circle.tocsr(),
        }
        joined = torch.from_numpy(graphs.user_counts[:, 2] > 0)
        self.register_buffer("joins", joined.float(), persistent=False)
        self.start = nn.ParameterDict()
        self.weights: dict[str, list[nn.Linear]] = {}
        self.adjacency = {name: normalised(matrix) for name, matrix in graphs_by_view.items()}
        for name, matrix in graphs_by_view.items():
            self.start[name] = nn.Parameter(torch.randn(matrix.shape[0], settings.dim) * 0.1)
            self.weights[name] = [
                nn.Linear(settings.dim, settings.dim, bias=False) for _ in range(settings.layers)
            ]
        self.linears = nn.ModuleList(layer for part in self.weights.values() for layer in part)

    def forward(self) -> Views:
        """The vectors of the last layer, as the views of one snapshot."""
        found = {}
        for name, start in self.start.items():
            vectors = start
            adjacency = self.adjacency[name].to(start.device)
            for weight in self.weights[name]:
                vectors = torch.sigmoid(weight(adjacency @ vectors))
            found[name] = vectors
        first_item = self.users + 1
        participant = found["participant"][:first_item]
        social = found["social"]
        both = torch.cat([participant, social], 1)
        average = (self.joins[:, None] * both).sum(0) / self.joins.sum().clamp(min=1)
        tables = {
            "initiator": found["initiator"][:first_item],
            "participant": participant,
            "social": social,
            "launched": found["initiator"][first_item:],
            "joined": found["participant"][first_item:],
            "average": average,
        }
        return Views(**{name: table.unsqueeze(0) for name, table in tables.items()})


def bipartite(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """A bipartite graph as one symmetric adjacency, rows first: [R, C] -> [R+C, R+C]."""
    return sp.bmat([[None, matrix], [matrix.T, None]]).tocsr()


def normalised(matrix: sp.csr_matrix) -> Tensor:
    """D^-1/2 (A + I) D^-1/2 of an adjacency A, as a torch CSR tensor (COO is 2 to 5 times slower)."""
    with_loops = (matrix + sp.identity(matrix.shape[0], format="csr")).tocsr()
    root = 1 / np.sqrt(np.asarray(with_loops.sum(1)).ravel())
    scaled = (sp.diags(root) @ with_loops @ sp.diags(root)).tocsr().astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns that its CSR support is in beta
        return torch.sparse_csr_tensor(
            torch.from_numpy(scaled.indptr.astype(np.int64)),
            torch.from_numpy(scaled.indices.astype(np.int64)),
            torch.from_numpy(scaled.data),
            size=scaled.shape,
        )
