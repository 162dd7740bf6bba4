"""What `sogoc units` and `sogoc organisations` have in common: lists, one with its life, trees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import typer
from rich.markup import escape

from domain.errors import InvalidValue
from domain.names import folded
from ops.cli.app import As, Prose
from ops.cli.asking import reading
from ops.cli.descent import descent
from ops.cli.output import (
    Format,
    Record,
    console,
    in_prose,
    is_for_people,
    quiet_when_nobody_reads,
    write,
)
from ops.cli.points import KnownAt, ValidAt, official
from ops.cli.subjects import Subject, subject
from projections.nodes import Filters, Nodes
from projections.point import Point
from services.diff import Category
from services.reading import Reading
from services.rulebook import rule_book

R = TypeVar("R")
PAGE = 5000  # rows
SHOW = "Show one {}: its state, its superiors, its life, its predecessors and successors."
TREE = "Show one {} and all below it."


@dataclass(frozen=True)
class Trade(Generic[R]):
    """What sets units and organisations apart, as far as the command line goes."""

    category: Category
    nodes: type[Nodes[R]]
    columns: tuple[str, ...]
    told: Callable[[Reading, Sequence[R], Point], list[dict[str, Any]]]
    """Rows in the columns, with what the rows above and beside them tell."""

    shown: tuple[str, ...]  # the columns of a table
    history: tuple[str, ...]  # the columns of a span of its life

    def asking(self, reading: Reading) -> Nodes[R]:
        return self.nodes(reading.connection, reading.schema)


Which = Annotated[
    str,
    typer.Argument(
        metavar="CODE|ID|NAME",
        help="Tone marks may be left out; an organisation is known by its unit's code too.",
    ),
]
Depth = Annotated[int, typer.Option(min=0, max=100, help="Levels below it.")]


def add_commands(group: typer.Typer, trade: Trade[Any], *, one: str, show: str, tree: str) -> None:
    """`show` and `tree`, each with an example."""

    @group.command("show", epilog=f"Example: {show}", help=SHOW.format(one))
    def show_one(
        which: Which, valid_at: ValidAt = None, known_at: KnownAt = None, format_: Prose = None
    ) -> None:
        with reading(valid_at, known_at) as found:
            write_one(found, trade, which, format_)

    @group.command("tree", epilog=f"Example: {tree}", help=TREE.format(one))
    def show_tree(
        which: Which,
        depth: Depth = 100,
        valid_at: ValidAt = None,
        known_at: KnownAt = None,
        format_: As = None,
    ) -> None:
        with reading(valid_at, known_at) as found:
            write_tree(found, trade, which, depth, format_)


def refuse_lost_options(context: typer.Context) -> None:
    """Raises BadParameter: `units --valid-at DAY show X` would forget the day."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            wanted = context.invoked_subcommand
            option = f"--{name.rstrip('_').replace('_', '-')}"
            raise typer.BadParameter(f"{option} belongs behind {wanted!r}")


def write_list(
    reading: Reading, trade: Trade[Any], filters: Filters, limit: int | None, format_: Format | None
) -> None:
    """All that the filters let through, in the order of the Vietnamese alphabet."""
    write(_rows(reading, trade, filters, limit), format_, trade.columns, shown=trade.shown)


def _rows(
    reading: Reading, trade: Trade[Any], filters: Filters, limit: int | None
) -> Iterator[Record]:
    nodes, after, left = trade.asking(reading), None, limit
    while left is None or left > 0:
        wanted = PAGE if left is None else min(PAGE, left)
        page = nodes.many(reading.point, filters, after, wanted)
        yield from trade.told(reading, page, reading.point)
        if len(page) < wanted:
            return
        after = (page[-1].sort_key, getattr(page[-1], trade.nodes.id))
        left = None if left is None else left - wanted


def write_tree(
    reading: Reading, trade: Trade[Any], text: str, depth: int, format_: Format | None
) -> None:
    """It and all below it, depth first."""
    root = subject(reading, text, [trade.category], active_only=True)
    placed = trade.asking(reading).tree(root.id, reading.point, depth)
    rows = trade.told(reading, [each.row for each in placed], reading.point)
    told = [{"depth": p.depth} | row for p, row in zip(placed, rows, strict=True)]
    if is_for_people(format_):
        told = [row | {"name": "  " * row["depth"] + row["name"]} for row in told]
    write(told, format_, ("depth", *trade.columns), shown=trade.shown)


# One


def write_one(reading: Reading, trade: Trade[Any], text: str, format_: Format | None) -> None:
    """What it is, under whom, what it has been, what it was made of and what became of it."""
    found = subject(reading, text, [trade.category])
    document = _document(reading, trade, found)
    if not in_prose(format_):
        write([document], format_, list(document))
        return
    with quiet_when_nobody_reads():
        out = console()
        for line in _lines(document, trade):
            out.print(line, soft_wrap=True)


def _document(reading: Reading, trade: Trade[Any], found: Subject) -> dict[str, Any]:
    nodes, point = trade.asking(reading), reading.point
    history = nodes.history(found.id, point.known_at)
    now = nodes.one(found.id, point)
    shown = history[-1] if now is None else now
    day = point if now is not None else Point(shown.valid_from, point.known_at)
    [state] = trade.told(reading, [shown], day)
    return state | {
        "asked_on": point.valid_at,
        "is_active": now is not None,
        "codes": shown.codes,
        "ancestors": trade.told(reading, nodes.ancestors(found.id, day), day),
        "history": [_span(reading, trade, span) for span in history],
        **descent(reading, trade.category, found.id),
    }


def _span(reading: Reading, trade: Trade[Any], span: Any) -> dict[str, Any]:
    point = Point(span.valid_from, reading.point.known_at)
    [told] = trade.told(reading, [span], point)
    return {name: told[name] for name in trade.history}


def _lines(document: Mapping[str, Any], trade: Trade[Any]) -> Iterator[str]:
    codes = ", ".join(f"{scheme} {code}" for scheme, code in document["codes"].items())
    yield f"[bold]{escape(document['name'])}[/]" + (f" ({escape(codes)})" if codes else "")
    active = "is active" if document["is_active"] else "[bold]is not active[/]"
    yield f"  {active} on {official(document['asked_on'])}; id {document['id']}"
    said = [n for n in ("type", "level", "kind", "status", "setting", "unit_name") if n in document]
    yield "  " + ", ".join(f"{n} {escape(str(document[n]))}" for n in said if document[n])
    above = " < ".join(escape(each["name"]) for each in document["ancestors"])
    yield f"  under {above}" if above else "  under nobody"
    yield "History (the second day is the first it is no more)"
    for span in document["history"]:
        values = (str(span[n]) for n in trade.history[2:] if span[n] not in (None, ""))
        days = f"{official(span['valid_from'])} - {official(span['valid_to']) or '...':10}"
        yield f"  {days}  {escape(', '.join(values))}"
    yield from _relatives("Predecessors", document["predecessors"], is_onward=False)
    yield from _relatives("Successors", document["successors"], is_onward=True)


def _relatives(title: str, told: Mapping[str, Any], *, is_onward: bool) -> Iterator[str]:
    if told["on"] is None:
        yield f"{title}: none"
        return
    yield f"{title} on {official(told['on'])}: [bold]{told['certainty']}[/]"
    for found in told["found"]:
        code = f" ({', '.join(found['codes'].values())})" if found["codes"] else ""
        default = ", look here first" if found["is_default"] and is_onward else ""
        document = f" [{found['document']}]" if found["document"] else ""
        yield escape(f"  {found['extent']}: {found['name']}{code}{default}{document}")


# Filters


def filters(
    reading: Reading,
    trade: Trade[Any],
    superior: str | None,
    under: str | None,
    code: str | None,
    name: str | None,
    kinds: Mapping[str, Sequence[str]],
    **more: Any,
) -> Filters:
    """What a list is limited to. Raises NotFound, InvalidValue for whom nobody or several are."""

    def id_of(text: str | None) -> UUID | None:
        if text is None:
            return None
        return subject(reading, text, [trade.category], active_only=True).id

    if name is not None and not folded(name):
        raise InvalidValue("A name to look for has letters or digits", field="--name")
    return Filters(
        superior_id=id_of(superior),
        under=id_of(under),
        code=code,
        name=name,
        kinds={column: allowed for column, allowed in kinds.items() if allowed},
        **more,
    )


def refuse_unknown(option: str, given: Sequence[str], prefix: str) -> None:
    """Raises InvalidValue for a word that the rule book never knew: it would find nothing."""
    known = {
        rule.key.rpartition(".")[2] for rule in rule_book().rules if rule.key.startswith(prefix)
    }
    for word in given:
        if word not in known:
            words = f"{word!r} is none of {', '.join(sorted(known))}"
            raise InvalidValue(words, field=option, rule=prefix.rstrip("."))
