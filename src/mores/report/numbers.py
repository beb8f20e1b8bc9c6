"""Numbers as a reader wants them: three digits that count, thousands apart, percent where the unit is a share.

A value that is not there is a dash, never a zero. Whole parts are never rounded: 30,720 stays 30,720.
"""

from __future__ import annotations

import math

NONE = "–"
"""What stands where there is no value."""
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def is_share(unit: str) -> bool:
    """Whether values of this unit are shown as percent."""
    return unit == "share"


def number(value: float | None, unit: str = "") -> str:
    """A value in its unit: 0.4567 is 0.457, as a share 45.7%; 30719.6 is 30,720; NaN and None are a dash."""
    if value is None or math.isnan(value):
        return NONE
    if is_share(unit):
        return f"{_digits(100 * value)}%"
    return _digits(value)


def count(value: int) -> str:
    """A whole number with its thousands apart."""
    return f"{value:,}"


def _digits(value: float) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size < 1e-12:  # what is left of a difference of equal floats
        return "0"
    if size >= 1e9 or size < 1e-4:
        mantissa, _, power = f"{value:.2e}".partition("e")
        text = f"{mantissa.rstrip('0').rstrip('.')}×10{str(int(power)).translate(_SUPERSCRIPT)}"
    elif size >= 100:
        text = f"{value:,.0f}"
    else:
        text = f"{value:.3g}" if size >= 1e-3 else f"{value:.6f}".rstrip("0")
    return text.replace("-", "−", 1) if value < 0 else text


def interval(low: float | None, high: float | None, unit: str = "") -> str:
    """Both ends of an interval, or a dash where none can be had."""
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return NONE
    return f"{number(low, unit)} to {number(high, unit)}"


def difference(value: float, unit: str = "") -> str:
    """A difference with its sign; differences of shares are in percentage points."""
    if math.isnan(value):
        return NONE
    text = _digits(100 * value) if is_share(unit) else _digits(value)
    sign = "+" if value > 0 and text != "0" else ""
    return f"{sign}{text}{' points' if is_share(unit) else ''}"


def differences(low: float, high: float, unit: str = "") -> str:
    """Both ends of the interval of a difference."""
    if math.isnan(low) or math.isnan(high):
        return NONE
    return f"{difference(low, unit).removesuffix(' points')} to {difference(high, unit)}"


def p_value(p: float) -> str:
    """A p-value, not more exactly than it deserves."""
    if math.isnan(p):
        return NONE
    if p < 0.001:
        return "< 0.001"
    return "1" if p > 0.9995 else f"{p:.2g}"


def unit_words(unit: str) -> str:
    """What stands beside a figure's name: shares show as percent by themselves."""
    return "" if is_share(unit) else unit
