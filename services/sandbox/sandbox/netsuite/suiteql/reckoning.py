"""Powers, roots, logarithms and angles: reckoned in floats, refused where they have no value."""

import math
from collections.abc import Callable

from sandbox.netsuite.search.rows import Cell
from sandbox.netsuite.suiteql.formats import FormatError
from sandbox.netsuite.suiteql.udf import exact, plain


def _of_float(function: Callable[..., float]) -> Callable[..., Cell]:
    def call(*values: Cell) -> Cell:
        if any(value is None for value in values):
            return None
        try:
            found = function(*(float(exact(value)) for value in values))
        except (ValueError, ZeroDivisionError) as error:
            raise FormatError("argument is out of range") from error
        except OverflowError as error:
            raise FormatError("numeric overflow") from error
        return int(found) if found.is_integer() and abs(found) < 2**53 else round(found, 15)

    return call


def power(base: Cell, exponent: Cell) -> Cell:
    """Exact for whole exponents of some size."""
    if base is None or exponent is None:
        return None
    whole = exact(exponent)
    if whole == whole.to_integral_value() and 0 <= whole <= 100:
        return plain(exact(base) ** int(whole))
    return _of_float(math.pow)(base, exponent)


def logarithm(base: Cell, value: Cell) -> Cell:
    return _of_float(lambda b, v: math.log(v) / math.log(b))(base, value)


def code_of(text: Cell) -> Cell:
    return None if text is None else ord(str(text)[0])


def sign_of(code: Cell) -> Cell:
    if code is None:
        return None
    number = int(exact(code))
    if not 1 <= number < 0xD800:
        raise FormatError(f"argument '{number}' is out of range")
    return chr(number)


def bits_of_both(one: Cell, other: Cell) -> Cell:
    if one is None or other is None:
        return None
    return int(exact(one)) & int(exact(other))


FUNCTIONS: dict[str, Callable[..., Cell]] = {
    "ns_power": power,
    "ns_log": logarithm,
    "ns_ascii": code_of,
    "ns_chr": sign_of,
    "ns_bitand": bits_of_both,
    "ns_sqrt": _of_float(math.sqrt),
    "ns_exp": _of_float(math.exp),
    "ns_ln": _of_float(math.log),
    "ns_sin": _of_float(math.sin),
    "ns_cos": _of_float(math.cos),
    "ns_tan": _of_float(math.tan),
    "ns_asin": _of_float(math.asin),
    "ns_acos": _of_float(math.acos),
    "ns_atan": _of_float(math.atan),
    "ns_atan2": _of_float(math.atan2),
}
