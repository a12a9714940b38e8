"""Mutants of a source file: copies with one small fault each, as cosmic-ray makes them and as we add to them.

Cosmic-ray changes operators, comparisons, numbers, conditions and loops wherever they stand. (mutmut leaves out
decorated functions and everything outside functions, which is most of the graphs and every constant.) Two faults of our
own join them, because they are the likely ones where a formula is written down: neighbours in a list, such as two
columns, change places, and a function around a value is forgotten.

Left out is what says nothing about the tests: annotations, decorators, assertions for the type checker, and
replacements that raise at once whatever the tests are, such as a shift of floats.
"""

import ast
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

import parso
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.operators.provider import OperatorProvider

Node = Any  # of parso, which has no types

ARITHMETIC = ("Add", "Sub", "Mul", "Div")
ORDER = ("Eq", "NotEq", "Lt", "LtE", "Gt", "GtE")
KINDS = {
    *(f"ReplaceBinaryOperator_{a}_{b}" for a in ARITHMETIC for b in ARITHMETIC if a != b),
    *(f"ReplaceBinaryOperator_{a}_Mul" for a in ("FloorDiv", "Mod", "Pow")),
    "ReplaceBinaryOperator_BitOr_BitAnd",
    "ReplaceBinaryOperator_BitAnd_BitOr",
    *(f"ReplaceComparisonOperator_{a}_{b}" for a in ORDER for b in ORDER if a != b),
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_IsNot_Is",
    *(f"ReplaceUnaryOperator_Delete_{a}" for a in ("USub", "Invert", "Not")),
    "AddNot",
    "NumberReplacer",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "ReplaceFalseWithTrue",
    "ReplaceTrueWithFalse",
    "ZeroIterationForLoop",
}
LISTS = {"testlist_comp", "testlist", "testlist_star_expr"}
MODULES = {"np", "torch", "functional", "math", "sp"}  # whose functions may be forgotten
KEPT_CALLS = {"len", "range", "zip", "map", "iter", "enumerate", "super", "isinstance", "vars"}


class SwapNeighbours(Operator):
    """Two neighbours in a tuple or a list change places (two arguments of a call mostly fail at once)."""

    def mutation_positions(self, node: Node) -> Iterator[tuple[Any, Any]]:
        """Where a pair stands."""
        for left, right in self._pairs(node):
            yield node.children[left].start_pos, node.children[right].end_pos

    def mutate(self, node: Node, index: int) -> Node:
        """The node with the pair swapped; each keeps the other's white space."""
        left, right = list(self._pairs(node))[index]
        first, second = node.children[left], node.children[right]
        node.children[left] = _parsed(first, second.get_code(include_prefix=False))
        node.children[right] = _parsed(second, first.get_code(include_prefix=False))
        return node

    @classmethod
    def examples(cls) -> Sequence[Example]:
        """What it does."""
        return (Example("[a, b]", "[b, a]"),)

    @staticmethod
    def _pairs(node: Node) -> list[tuple[int, int]]:
        if node.type not in LISTS:
            return []
        places = [
            place for place, child in enumerate(node.children) if child.get_code().strip() != ","
        ]
        return [
            (left, right)
            for left, right in pairwise(places)
            if right == left + 2 and _swappable(node.children[left], node.children[right])
        ]


class ForgetFunction(Operator):
    """A function of one argument is forgotten: ``sigmoid(x)`` becomes ``(x)``."""

    def mutation_positions(self, node: Node) -> Iterator[tuple[Any, Any]]:
        """Where such a call stands."""
        if node.type in ("atom_expr", "power") and self._forgettable(node.children):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Node, index: int) -> Node:
        """The argument in parentheses."""
        return _parsed(node, node.children[-1].get_code(include_prefix=False))

    @classmethod
    def examples(cls) -> Sequence[Example]:
        """What it does."""
        return (Example("sigmoid(x)", "(x)"),)

    @staticmethod
    def _forgettable(children: Sequence[Node]) -> bool:
        *callee, call = children
        name = "".join(part.get_code(include_prefix=False) for part in callee)
        module, _, function = name.rpartition(".")
        return (
            call.type == "trailer"
            and call.children[0].value == "("
            and len(call.children) == 3
            and call.children[1].type not in ("arglist", "argument")
            and function.isidentifier()
            and function.islower()
            and function not in KEPT_CALLS
            and (not module or module in MODULES)
        )


OWN: dict[str, type[Operator]] = {
    "SwapNeighbours": SwapNeighbours,
    "ForgetFunction": ForgetFunction,
}


@dataclass(frozen=True)
class Mutant:
    """The fault number ``occurrence`` of a kind in a file, and where it stands."""

    file: str
    kind: str
    occurrence: int
    line: int

    @property
    def name(self) -> str:
        """Its name within its file."""
        return f"{self.kind} {self.occurrence}"

    def code(self, source: str) -> str:
        """The source with the fault."""
        return str(mutate_code(source, _operator(self.kind), self.occurrence))


def draw(sources: Mapping[str, str], count: int, seed: int) -> dict[Mutant, str]:
    """Mutants at ``count`` places drawn by seed, or at all of them, each with the source that it makes of its file's.

    Each place gives one of its mutants, drawn as well. More mutants begin with the same ones, and a change of one file
    hardly changes what is drawn from the others.
    """
    drawn: list[tuple[float, Mutant]] = []
    for file, source in sources.items():
        rng = random.Random(f"{seed} {file}")
        drawn += [(rng.random(), rng.choice(place)) for place in _places(file, source)]
    drawn.sort(key=lambda pair: pair[0])
    made = ((mutant, mutant.code(sources[mutant.file])) for _, mutant in drawn)
    return dict(islice(((mutant, code) for mutant, code in made if _compiles(code)), count))


def _places(file: str, source: str) -> list[list[Mutant]]:
    """The mutants of each place of a file, in order; a place is where faults of one sort can be made."""
    left_out = _left_out(source)
    nodes = list(ast_nodes(get_ast(source)))
    places: dict[tuple[Any, str], list[Mutant]] = {}
    for kind in sorted(KINDS | set(OWN)):
        operator = _operator(kind)
        starts = [start for node in nodes for start, _ in operator.mutation_positions(node)]
        for occurrence, start in enumerate(starts):
            if not any(begin <= start < end for begin, end in left_out):
                mutant = Mutant(file, kind, occurrence, start[0])
                places.setdefault((start, kind.partition("_")[0]), []).append(mutant)
    return [places[place] for place in sorted(places)]


def _left_out(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Annotations, decorators, assertions and types that may be None, from where to where."""
    found: list[ast.AST | None] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.arg | ast.AnnAssign):
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef):
            found += [node.returns, *node.decorator_list]
        elif isinstance(node, ast.ClassDef):
            found += node.decorator_list
        elif isinstance(node, ast.Assert) or _may_be_none(node):
            found.append(node)
    return [
        ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
        for node in found
        if isinstance(node, ast.expr | ast.stmt)
    ]


def _may_be_none(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.right, ast.Constant)
        and node.right.value is None
    )


def _operator(kind: str) -> Operator:
    made: Operator = OWN[kind]() if kind in OWN else OperatorProvider()[kind]()
    return made


def _swappable(left: Node, right: Node) -> bool:
    codes = [part.get_code(include_prefix=False).strip() for part in (left, right)]
    named = any(part.type in ("argument", "star_expr", "sync_comp_for") for part in (left, right))
    return not named and codes[0] != codes[1]


def _parsed(place: Node, code: str) -> Node:
    """The code as a node with the white space that stands before ``place``."""
    return parso.parse(place.get_first_leaf().prefix + code)


def _compiles(code: str) -> bool:
    try:
        compile(code, "mutant", "exec")
    except SyntaxError:
        return False
    return True
