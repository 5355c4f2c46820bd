"""How far two places are from each other as the crow flies, as a function of the store."""

import math
import sqlite3


def register(connection: sqlite3.Connection) -> None:
    """SQLite has no mathematics of its own everywhere."""
    connection.create_function("distance_between", 5, distance, deterministic=True)


def distance(
    radius: float,
    latitude: float | None,
    longitude: float | None,
    other_latitude: float | None,
    other_longitude: float | None,
) -> float | None:
    """By the haversine formula; unknown where a place is."""
    if latitude is None or longitude is None or other_latitude is None or other_longitude is None:
        return None
    north, south = math.radians(latitude), math.radians(other_latitude)
    across = math.radians(other_longitude - longitude)
    chord = math.sin((south - north) / 2) ** 2
    chord += math.cos(north) * math.cos(south) * math.sin(across / 2) ** 2
    return 2 * radius * math.asin(math.sqrt(min(1.0, chord)))
