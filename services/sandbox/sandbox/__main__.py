"""Starts both vendors' stand-ins in one process and says where they are in endpoints.json."""

import argparse
import asyncio
import gc
import json
import logging
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox.admin import Admin, seed_vendor
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.frame import Frame, Vendor
from sandbox.netsuite.site import open_vendor as open_netsuite
from sandbox.ports import Ports
from sandbox.profile import PROFILES, ProfileError, profile_of
from sandbox.relay import Relay
from sandbox.salesforce.seeds_size import SIZE, SizeError, parse_size
from sandbox.salesforce.site import open_vendor as open_salesforce
from sandbox.serving import Site
from sandbox.tls import tls_files, write_private

STOP_WITHIN_S = 2.0
SEEDED = "seeded"
SOURCE_PACKAGE = Path(__file__).parents[3] / "deploy" / "salesforce"


def main(arguments: Sequence[str] | None = None) -> int:
    parsed = _arguments(arguments)
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s %(message)s"
    )
    # No line of ours names its place in the source, and to find it costs much of a short request.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    # It logs bytes of requests that it cannot parse, and they may be anybody's.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    state: Path = parsed.state
    if parsed.fresh and state.exists():
        shutil.rmtree(state)
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    asyncio.run(_run(parsed))
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tallystick-sandbox", usage="%(prog)s --state DIR [options]", description=__doc__
    )
    parser.add_argument("--state", type=Path, required=True, help="directory of all state")
    parser.add_argument("--fresh", action="store_true", help="delete earlier state first")
    parser.add_argument(
        "--seed",
        default="demo",
        help="demo, empty, size:accounts=N,opportunities=N or a JSON file (new state only)",
    )
    parser.add_argument(
        "--profile",
        default="default",
        help=f"one, or several joined by commas: {', '.join(sorted(PROFILES))}",
    )
    parser.add_argument("--endpoints", type=Path, help="default: endpoints.json in the state")
    parser.add_argument(
        "--package",
        type=Path,
        default=SOURCE_PACKAGE,
        help="Salesforce source-format project whose fields the org has",
    )
    parsed = parser.parse_args(arguments)
    if not (parsed.package / "sfdx-project.json").exists():
        parser.error(f"--package: {parsed.package} holds no sfdx-project.json")
    try:
        parsed.profile = profile_of(parsed.profile)
    except ProfileError as error:
        parser.error(f"--profile: {error}")
    if parsed.seed.startswith(SIZE):
        try:
            parse_size(parsed.seed)
        except SizeError as error:
            parser.error(f"--seed: {error}")
    elif parsed.seed not in ("demo", "empty") and not Path(parsed.seed).is_file():
        parser.error(f"--seed: {parsed.seed!r} is neither demo nor empty nor size: nor a file")
    return parsed


async def _run(parsed: argparse.Namespace) -> None:
    state: Path = parsed.state
    frame = Frame(
        clock=Clock(state / "clock.json"),
        faults=Faults(),
        profile=parsed.profile,
        state=state,
        ports=Ports(state / "ports.json"),
        tls=tls_files(state / "tls"),
        package=parsed.package,
    )
    vendors: dict[str, Vendor] = {
        vendor.system: vendor for vendor in (open_salesforce(frame), open_netsuite(frame))
    }
    if not (state / SEEDED).exists():
        for vendor in vendors.values():
            seed_vendor(vendor, parsed.seed)
        (state / SEEDED).write_text(parsed.seed)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await _serve(frame, vendors, parsed.endpoints or state / "endpoints.json", stopping)


async def _serve(
    frame: Frame, vendors: Mapping[str, Vendor], endpoints: Path, stopping: asyncio.Event
) -> None:
    sites = {system: Site(frame, vendor) for system, vendor in vendors.items()}
    relay, admin = Relay(frame.ports), Admin(frame, vendors)
    for system, vendor in vendors.items():
        await vendor.start()
        await sites[system].start()
    addresses: dict[str, object] = {
        system: dict(vendor.endpoints(sites[system].http, sites[system].https))
        for system, vendor in vendors.items()
    }
    addresses["tls"] = {"ca_file": str(frame.tls.ca), "connect_proxy": await relay.start()}
    addresses["sandbox_admin"] = await admin.start()
    _publish(endpoints, addresses)
    gc.freeze()
    await stopping.wait()
    ends = [relay.stop(), admin.stop(), *(site.stop() for site in sites.values())]
    ends += [vendor.stop() for vendor in vendors.values()]
    try:
        async with asyncio.timeout(STOP_WITHIN_S):
            await asyncio.gather(*ends)
    except TimeoutError:
        logging.getLogger(__name__).info("stopped with requests in flight")
    for vendor in vendors.values():
        vendor.connection.close()


def _publish(path: Path, addresses: Mapping[str, object]) -> None:
    """In one step, so that a reader sees all of it or nothing; it holds secrets."""
    part = path.with_suffix(".part")
    write_private(part, json.dumps(addresses, indent=2).encode())
    part.replace(path)


if __name__ == "__main__":
    sys.exit(main())
