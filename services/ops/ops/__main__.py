"""The operator's command line. Each command stands in a module of its own in ops.commands."""

import typer

from ops.commands import maps, rates
from ops.commands.adopt import adopt
from ops.commands.demo import demo
from ops.commands.doctor import doctor
from ops.commands.errors import errors
from ops.commands.reviews import app as reviews
from ops.commands.sandbox import sandbox
from ops.commands.status import status
from ops.commands.trace import trace
from ops.commands.up import up
from ops.commands.verify import verify

COMMANDS = (demo, up, sandbox, status, doctor, trace, verify, errors, adopt)


def main() -> None:
    app = typer.Typer(
        name="tallystick",
        help="Keep Salesforce and NetSuite as two halves of one record, and prove it.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for command in COMMANDS:
        app.command()(command)
    app.add_typer(maps.app, name="maps")
    app.add_typer(rates.app, name="rates")
    app.add_typer(reviews, name="reviews")
    app()


if __name__ == "__main__":
    main()
