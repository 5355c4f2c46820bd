"""A service that writes down what it handles, one line a record: started, and killed, by tests."""

import asyncio
import dataclasses
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kernel.errors import FatalError, RetryableError
from runtime.consume import Consumption, Record, consume
from runtime.process import Context, run
from runtime.settings import CommonSettings, Reader, common, environment

SERVICE = "member"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    common: CommonSettings
    consumption: Consumption
    file: Path
    delay_s: float
    fault: str


def settings() -> Settings:
    reader = Reader(environment())
    shared = common(reader, reader.text("MEMBER_NAME", "the instance"))
    found = Settings(
        common=shared,
        consumption=Consumption(
            bootstrap=shared.kafka_bootstrap,
            group=reader.text("MEMBER_TOPIC", "a topic, also the group"),
            instance_id=shared.group_instance_id,
            topics=(reader.text("MEMBER_TOPIC", "a topic"),),
            batch_max=reader.integer("MEMBER_BATCH", "records a unit", 10),
            slots=reader.integer("MEMBER_SLOTS", "units at once", 4),
        ),
        file=reader.path("MEMBER_FILE", "where to write"),
        delay_s=reader.number("MEMBER_DELAY_S", "seconds a unit takes", 0.0),
        fault=reader.text("MEMBER_FAULT", "what to do with a record whose value starts so", ""),
    )
    reader.finish()
    return found


async def main(own: Settings, ctx: Context) -> None:
    with own.file.open("a") as file, own.file.with_suffix(".begun").open("a") as begun:

        async def handle(records: Sequence[Record]) -> None:
            begun.write("".join(f"{record.coordinates}\n" for record in records))
            begun.flush()
            await asyncio.sleep(own.delay_s)
            for record in records:
                stumble(own.fault, record)
            file.write("".join(map(line_of, records)))
            file.flush()

        async def broken(record: Record, error: Exception) -> None:
            file.write(line_of(dataclasses.replace(record, value=b"broken")))
            file.flush()

        await consume(own.consumption, handle, ctx=ctx, broken=broken)


def stumble(fault: str, record: Record) -> None:
    if not fault or not (record.value or b"").startswith(fault.encode()):
        return
    match fault:
        case "fatal":
            raise FatalError("this cannot go on")
        case "busy":
            raise RetryableError("not just now")
        case _:
            raise ValueError("nobody can handle this")


def line_of(record: Record) -> str:
    where = record.coordinates
    return (
        json.dumps(
            {
                "at": time.monotonic(),
                "pid": os.getpid(),
                "key": record.key,
                "partition": where.partition,
                "offset": where.offset,
                "value": (record.value or b"").decode().strip(),
            }
        )
        + "\n"
    )


if __name__ == "__main__":
    run(SERVICE, settings, lambda own: own.common, main)
