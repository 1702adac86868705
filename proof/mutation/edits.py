"""The small changes that make a mutant, as edits of a syntax tree.

Here: what is changed, and where nothing is. Not here: how a mutant is named, built or judged. The
rule to keep: an edit sets one field of one node and can be taken back, so that one tree serves all.

Not changed: annotations, decorators, docstrings, and text, except where it decides (compared,
matched, or a key), since the wording of a sentence is no behaviour.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

COMPARISONS: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}
SIGNS: Final[dict[type[ast.AST], str]] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "//", ast.Div: "/", ast.Mod: "%",
    ast.LShift: "<<", ast.RShift: ">>", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
    ast.And: "and", ast.Or: "or",
}  # fmt: skip
TWINS: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Edit:
    """`holder.field` becomes `new`; `lines` are those whose tests must notice."""

    what: str
    holder: ast.AST
    field: str
    new: Any
    lineno: int
    lines: range
    qualname: str
    function: tuple[str, int] | None
    """Name and first line of the outermost function round it; None where it runs at import."""


@dataclass(frozen=True, slots=True)
class _Place:
    names: tuple[str, ...] = ()
    function: tuple[str, int] | None = None
    bound: frozenset[str] = frozenset()
    lines: range = range(0)
    decides: bool = False


def edits(tree: ast.Module) -> Iterator[Edit]:
    """Every change, in the order of the source."""
    yield from _statements(tree, "body", _Place())


def _edit(
    place: _Place, holder: ast.AST, field: str, new: Any, what: str, at: ast.AST | None = None
) -> Edit:
    lineno = getattr(at or holder, "lineno", place.lines.start)
    name = ".".join(place.names) or "<module>"
    return Edit(what, holder, field, new, lineno, place.lines, name, place.function)


# ---------------------------------------------------------------- statements


def _statements(holder: ast.AST, field: str, place: _Place) -> Iterator[Edit]:
    body: list[ast.stmt] = getattr(holder, field)
    for at, node in enumerate(body):
        here = replace(place, lines=_header(node))
        put = _instead_of(node, here)
        if put is not None:
            what = f"`{ast.unparse(node).splitlines()[0]}` to `{ast.unparse(put)}`"
            new = [*body[:at], ast.copy_location(put, node), *body[at + 1 :]]
            yield _edit(here, holder, field, new, what, node)
        yield from _statement(node, here)
        place = replace(place, bound=place.bound | _binds(node))


def _statement(node: ast.stmt, here: _Place) -> Iterator[Edit]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from _function(node, here)
        case ast.ClassDef():
            yield from _statements(node, "body", replace(here, names=(*here.names, node.name)))
        case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom():
            pass
        case ast.AnnAssign(value=value):
            if value is not None:
                yield from _expression(value, here)
        case ast.Return(value=value):
            if value is not None:
                if not (isinstance(value, ast.Constant) and value.value is None):
                    yield _edit(here, node, "value", ast.Constant(None), "the result to None")
                yield from _expression(value, here)
        case _:
            yield from _parts(node, here)


def _function(node: Function, here: _Place) -> Iterator[Edit]:
    for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
        yield from _expression(default, here)
    names = (*here.names, node.name)
    first = min((d.lineno for d in node.decorator_list), default=node.lineno)
    bound = {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
    inside = _Place(names, here.function or (".".join(names), first), frozenset(bound))
    yield from _statements(node, "body", inside)


def _parts(node: ast.AST, here: _Place) -> Iterator[Edit]:
    """Edits of a node's own condition, then of all below it."""
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        for value in (True, False):
            if value and isinstance(node, ast.While):
                continue  # would only ever hang
            shown = f"the condition to {value}"
            yield _edit(here, node, "test", ast.Constant(value), shown)
    elif isinstance(node, ast.comprehension):
        for at, test in enumerate(node.ifs):
            for value in (True, False):
                new = [*node.ifs[:at], ast.Constant(value), *node.ifs[at + 1 :]]
                shown = f"`if {ast.unparse(test)}` to `if {value}`"
                yield _edit(here, node, "ifs", new, shown)
    for field, value in ast.iter_fields(node):
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            yield from _statements(node, field, here)
        elif isinstance(value, list):
            for part in value:
                yield from _below(part, here)
        else:
            yield from _below(value, here)


def _below(part: object, here: _Place) -> Iterator[Edit]:
    match part:
        case ast.expr():
            yield from _expression(part, here)
        case ast.match_case():
            lines = range(part.pattern.lineno, part.body[0].lineno + 1)
            here = replace(here, lines=lines)
            what = f"`case {ast.unparse(part.pattern)}` to one that never fits"
            yield _edit(here, part, "guard", ast.Constant(value=False), what)
            yield from _parts(part, here)
        case ast.MatchValue(value=value):
            yield from _expression(value, replace(here, decides=True))
        case ast.AST():
            yield from _parts(part, here)


# ---------------------------------------------------------------- expressions


def _expression(node: ast.expr, here: _Place) -> Iterator[Edit]:
    match node:
        case ast.Constant(value=value):
            yield from (
                _edit(here, node, "value", new, f"`{value!r}` to `{new!r}`")
                for new in _other_values(value, decides=here.decides)
            )
        case ast.JoinedStr(values=parts):
            for part in parts:
                if isinstance(part, ast.FormattedValue):
                    yield from _expression(part.value, here)
        case ast.Lambda(body=body):
            yield from _expression(body, here)
        case ast.Compare(ops=ops):
            for at, op in enumerate(ops):
                for other in COMPARISONS[type(op)]:
                    new_ops = [*ops[:at], other(), *ops[at + 1 :]]
                    yield _edit(here, node, "ops", new_ops, _signs(op, other))
            for side in (node.left, *node.comparators):
                yield from _expression(side, replace(here, decides=True))
        case ast.Dict(keys=keys, values=values):
            for key in filter(None, keys):
                yield from _expression(key, replace(here, decides=True))
            for entry in values:
                yield from _expression(entry, here)
        case _:
            yield from _own(node, here)
            yield from _parts(node, replace(here, decides=here.decides and _is_list(node)))


def _own(node: ast.expr, here: _Place) -> Iterator[Edit]:
    match node:
        case ast.BoolOp(op=op):
            other = ast.Or if isinstance(op, ast.And) else ast.And
            yield _edit(here, node, "op", other(), _signs(op, other))
        case ast.BinOp(op=ast.BitOr()) if here.function is None:
            pass  # a union of types
        case ast.BinOp(op=ast.operator() as op) if type(op) in ARITHMETIC:
            swapped = ARITHMETIC[type(op)]
            yield _edit(here, node, "op", swapped(), _signs(op, swapped))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            twice = ast.copy_location(ast.UnaryOp(ast.Not(), operand), node)
            yield _edit(here, node, "operand", twice, "without `not`")
        case ast.UnaryOp(op=ast.USub()):
            yield _edit(here, node, "op", ast.UAdd(), "without `-`")
        case ast.Name(id=name) if name in TWINS:
            yield _edit(here, node, "id", TWINS[name], f"`{name}` to `{TWINS[name]}`")
        case ast.Call(func=ast.Name(id=name)) if name == "replace" or name[0].isupper():
            for at, word in enumerate(node.keywords):
                if word.arg is not None:
                    rest = [*node.keywords[:at], *node.keywords[at + 1 :]]
                    yield _edit(here, node, "keywords", rest, f"`{name}` without `{word.arg}`")


def _other_values(value: object, *, decides: bool) -> Iterator[object]:
    match value:
        case bool():
            yield not value
        case int() | float():
            yield from (value + 1, value - 1)
        case bytes():
            yield bytes((value[0] ^ 1, *value[1:])) if value else b"\x01"
        case str() if decides:
            yield "another " + value


def _signs(old: ast.AST, new: type[ast.AST]) -> str:
    return f"`{SIGNS[type(old)]}` to `{SIGNS[new]}`"


def _is_list(node: ast.expr) -> bool:
    return isinstance(node, ast.Tuple | ast.List | ast.Set)


# ---------------------------------------------------------------- where and whether


def _header(node: ast.stmt) -> range:
    """The lines that run when the statement is reached."""
    body = getattr(node, "body", None) or getattr(node, "cases", None)
    if not body:
        return range(node.lineno, (node.end_lineno or node.lineno) + 1)
    first = body[0].pattern if isinstance(body[0], ast.match_case) else body[0]
    return range(node.lineno, max(first.lineno, node.lineno + 1))


def _binds(node: ast.stmt) -> frozenset[str]:
    """Names that a statement may have given a value."""
    names = (n for n in ast.walk(node) if isinstance(n, ast.Name))
    return frozenset(n.id for n in names if isinstance(n.ctx, ast.Store))


def _instead_of(node: ast.stmt, here: _Place) -> ast.stmt | None:
    """What a statement is swapped for: nothing at all where only its effect would be missed.

    An assignment that gives a name its first value isn't dropped: the next line would only crash.
    """
    if here.function is None:
        return None
    match node:
        case ast.Continue():
            return ast.Break()
        case ast.Break():
            return ast.Continue()
        case ast.Expr(value=ast.Call() | ast.Await() | ast.Yield()) | ast.AugAssign() | ast.Raise():
            return ast.Pass()
        case ast.Assign(targets=targets):
            return ast.Pass() if all(_is_bound(t, here) for t in targets) else None
        case ast.AnnAssign(target=target, value=ast.expr()):
            return ast.Pass() if _is_bound(target, here) else None
        case _:
            return None


def _is_bound(target: ast.expr, here: _Place) -> bool:
    if isinstance(target, ast.Tuple):
        return all(_is_bound(part, here) for part in target.elts)
    return not isinstance(target, ast.Name) or target.id in here.bound
