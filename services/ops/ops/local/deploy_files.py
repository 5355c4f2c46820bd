"""Where the files of deploy/local stand: beside the code, in a checkout."""

from pathlib import Path

from ops.local.errors import WrongUsageError

REPOSITORY = Path(__file__).parents[4]


def deploy_file(name: str) -> Path:
    path = REPOSITORY / "deploy" / "local" / name
    if not path.exists():
        raise WrongUsageError(
            f"{path} is missing: `tallystick up` starts Kafka from a checkout of the repository; "
            "elsewhere name a Kafka that runs with KAFKA_BOOTSTRAP"
        )
    return path
