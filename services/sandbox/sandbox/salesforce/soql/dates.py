"""Relative dates such as LAST_N_DAYS:30 as half-open ranges of days."""

from datetime import date, timedelta

RELATIVE = frozenset(
    "YESTERDAY TODAY TOMORROW LAST_WEEK THIS_WEEK NEXT_WEEK LAST_MONTH THIS_MONTH NEXT_MONTH"
    " LAST_90_DAYS NEXT_90_DAYS THIS_QUARTER LAST_QUARTER NEXT_QUARTER THIS_YEAR LAST_YEAR"
    " NEXT_YEAR THIS_FISCAL_QUARTER LAST_FISCAL_QUARTER NEXT_FISCAL_QUARTER THIS_FISCAL_YEAR"
    " LAST_FISCAL_YEAR NEXT_FISCAL_YEAR".split()
)
RELATIVE_N = frozenset(
    f"{way}_N_{unit}"
    for way in ("LAST", "NEXT")
    for unit in ("DAYS", "WEEKS", "MONTHS", "QUARTERS", "YEARS", "FISCAL_QUARTERS", "FISCAL_YEARS")
) | frozenset(
    f"N_{unit}_AGO"
    for unit in ("DAYS", "WEEKS", "MONTHS", "QUARTERS", "YEARS", "FISCAL_QUARTERS", "FISCAL_YEARS")
)
UNITS = {"WEEK": "week", "MONTH": "month", "QUARTER": "quarter", "YEAR": "year"}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
N_MAX = 20_000
MONTH_MIN, MONTH_MAX = 12, 9998 * 12


def relative_range(word: str, number: int, today: date) -> tuple[date, date]:
    """First day and the day after the last; weeks begin on Sunday, fiscal years in January."""
    number = min(number, N_MAX)
    plain = word.replace("FISCAL_", "")
    if plain in ("YESTERDAY", "TODAY", "TOMORROW"):
        start = today + timedelta(days=("YESTERDAY", "TODAY", "TOMORROW").index(plain) - 1)
        return start, start + timedelta(days=1)
    if plain in ("LAST_90_DAYS", "NEXT_90_DAYS"):
        plain, number = plain.replace("90", "N"), 90
    parts = plain.split("_")
    if parts[0] == "N":
        unit = _unit(parts[1])
        return _shifted(today, unit, -number), _shifted(today, unit, 1 - number)
    if parts[1] == "N":
        return _n_range(parts[0], _unit(parts[2]), number, today)
    step = {"LAST": -1, "THIS": 0, "NEXT": 1}[parts[0]]
    unit = _unit(parts[1])
    return _shifted(today, unit, step), _shifted(today, unit, step + 1)


def _unit(word: str) -> str:
    return "day" if word == "DAYS" else UNITS[word.removesuffix("S")]


def _n_range(way: str, unit: str, number: int, today: date) -> tuple[date, date]:
    """The last N days include today; the last N of larger units end before this one."""
    if way == "LAST":
        end = today + timedelta(days=1) if unit == "day" else _shifted(today, unit, 0)
        return _shifted(today, unit, -number), end
    return _shifted(today, unit, 1), _shifted(today, unit, number + 1)


def _shifted(today: date, unit: str, steps: int) -> date:
    """The first day of the unit that is so many steps from today's."""
    if unit == "day":
        return today + timedelta(days=steps)
    if unit == "week":
        sunday = today - timedelta(days=(today.weekday() + 1) % 7)
        return sunday + timedelta(weeks=steps)
    size = MONTHS[unit]
    months = (today.year * 12 + today.month - 1) // size * size + steps * size
    months = min(max(months, MONTH_MIN), MONTH_MAX)
    return date(months // 12, months % 12 + 1, 1)
