"""`tallystick maps …`: check, read, compare and document the map that is in force."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from kernel.maps import Maps
from kernel.maps.faults import MapsError
from kernel.refunds.parse import ReasonsError
from ops.commands.verify import Json as AsJson
from ops.local.errors import WrongUsageError
from ops.mapping.differences import differences, told
from ops.mapping.documents import DOCUMENTS, is_stale, write
from ops.mapping.explanation import asked_for, close_to, explanation
from ops.mapping.facts import facts_of, travel_facts
from ops.mapping.table import summary, table
from ops.reach import NotWellError
from ops.render.lines import hanging
from ops.render.page import ending_with_codes, tell, tell_json, width
from runtime.maps import load_maps, load_reasons
from runtime.tables import TablesError

app = typer.Typer(no_args_is_help=True, help="Check, read, compare and document the map.")
Overlay = Annotated[
    Path | None,
    typer.Option(
        "--overlay",
        envvar="MAPS_OVERLAY_DIR",
        help="A directory of tables laid over the shipped ones.",
    ),
]


@app.command()
def check(overlay: Overlay = None, as_json: AsJson = False) -> None:
    """Read every table, those of the refunds' reasons too, and list every fault with its remedy.

    Exit code 0: the map is in order. 1: it has faults.
    """
    with ending_with_codes():
        faults = [*_faults_of(load_maps, overlay), *_faults_of(load_reasons, overlay)]
        if faults:
            _tell_faults(faults, as_json)
            raise NotWellError
        maps = load_maps(overlay)
        if as_json:
            tell_json({"hash": maps.hash, "faults": []})
        else:
            tell(hanging(" ✓ ", summary(maps), width()))


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="[MAP]", help="One map by its name.")] = "",
    overlay: Overlay = None,
    as_json: AsJson = False,
) -> None:
    """Print the map that is in force: what is read, where it is written, who owns it.

    Exit code 2: there is no such map, or the tables have faults.
    """
    with ending_with_codes():
        maps = _maps(overlay)
        shown = [item for item in maps.maps if name in ("", item.name)]
        if not shown:
            known = ", ".join(item.name for item in maps.maps)
            raise WrongUsageError(f"no map is called {name}; there are: {known}")
        if as_json:
            tell_json({"hash": maps.hash, "maps": [facts_of(item) for item in shown]})
        else:
            tell(table(maps, shown, width()))


@app.command()
def diff(overlay: Overlay = None, as_json: AsJson = False) -> None:
    """Say what the overlay changes against the shipped map.

    Exit code 0: nothing. 1: something, and it is named. 2: the tables have faults.
    """
    with ending_with_codes():
        if overlay is None:
            raise WrongUsageError("no overlay: name its directory with --overlay")
        found = differences(_maps(None), _maps(overlay))
        if as_json:
            tell_json(found)
        else:
            tell(told(found, width()))
        if found:
            raise NotWellError


@app.command()
def explain(
    field: Annotated[
        str, typer.Argument(help="By either system's name: email, Account.Name, customer.email.")
    ],
    overlay: Overlay = None,
    as_json: AsJson = False,
) -> None:
    """Say where a field is read and written, who owns it, why it travels and what looks at it.

    Exit code 1: no map knows the field. 2: the tables have faults.
    """
    with ending_with_codes():
        maps = _maps(overlay)
        found = asked_for(maps, field)
        if as_json:
            tell_json([travel_facts(travel) for travel in found])
        elif found:
            tell(explanation(maps, found, width()))
        else:
            tell(hanging("", _unknown(maps, field), width()))
        if not found:
            raise NotWellError


@app.command()
def docs(
    directory: Annotated[Path, typer.Argument(help="Where the documents stand.")] = Path("docs"),
    is_check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say which are stale.")
    ] = False,
) -> None:
    """Write the documents that come from the map and the error catalogue.

    Exit code 1, with --check: some are stale, and are named.
    """
    with ending_with_codes():
        maps = load_maps()
        stale = [name for name in DOCUMENTS if is_stale(directory, name, maps)]
        for name in stale:
            if is_check:
                said = f"{directory / name} is stale: write it anew with `make docs`"
                tell(hanging(" ✗ ", said, width()))
            else:
                write(directory, name, maps)
                tell(hanging(" ✓ ", f"{directory / name} written", width()))
        if stale and is_check:
            raise NotWellError


def _maps(overlay: Path | None) -> Maps:
    try:
        return load_maps(overlay)
    except MapsError as error:
        raise WrongUsageError(str(error)) from None


def _faults_of(load: Callable[[Path | None], object], overlay: Path | None) -> Sequence[str]:
    try:
        load(overlay)
    except (MapsError, ReasonsError, TablesError) as error:
        return error.faults
    return ()


def _tell_faults(faults: Sequence[str], as_json: bool) -> None:
    if as_json:
        tell_json({"hash": None, "faults": faults})
    else:
        tell(line for fault in faults for line in hanging(" ✗ ", fault, width()))


def _unknown(maps: Maps, field: str) -> str:
    near = ", ".join(close_to(maps, field))
    hint = f" Did you mean {near}?" if near else ""
    return f"No map reads or writes {field}: it never leaves its system.{hint}"
