"""Quantities as people say them: the same words on a page, a terminal and in a sentence."""

from __future__ import annotations

import math

from migrator.shadow.judging.criteria import Metric

#: days from which on a time is told in years, and days of a year
LONG, YEAR = 1000, 365.25

METRIC_NAMES: dict[Metric, str] = {
    "first_attempt_failure": "first-attempt failures",
    "discarded": "jobs failed for good",
    "end_to_end_p95": "end-to-end time (p95)",
    "queue_wait_p95": "queue wait (p95)",
}


def seconds(value: float | None) -> str:
    """A duration, to three figures.

    >>> seconds(0.0)
    'under 1 ms'
    >>> [seconds(x) for x in (0.00042, 0.0351, 1.234, 75, 4000, 90000, 600000, None, math.inf)]
    ['0.42 ms', '35.1 ms', '1.23 s', '1 min 15 s', '1 h 7 min', '1 d 1 h', '6 d 23 h', 'unknown', 'not reached']
    """
    if value is None or math.isnan(value):
        return "unknown"
    if math.isinf(value):
        return "not reached"
    if value == 0:
        # Most stores tell the time in milliseconds: what took none of them still took something.
        return "under 1 ms"
    if value < 0.9995:
        return f"{_figures(value * 1000)} ms"
    if value < 59.95:
        return f"{_figures(value)} s"
    for unit, size, smaller, part in (("min", 60, "s", 1), ("h", 3600, "min", 60), ("d", 86400, "h", 3600)):
        if value < {"min": 3599.5, "h": 86370, "d": math.inf}[unit]:
            whole, rest = divmod(round(value / part), size // part)
            return f"{whole} {unit} {rest} {smaller}" if rest else f"{whole} {unit}"
    raise AssertionError("every finite duration has a unit")


def span(low: str, high: str) -> str:
    """Two quantities, with their unit once if it is the same.

    >>> span("441 ms", "556 ms"), span("0.9 s", "1 min 5 s"), span("−21 points", "+1 point"), span("3 %", "…")
    ('441 – 556 ms', '0.9 s – 1 min 5 s', '−21 – +1 points', '3 % – …')
    """
    first, _, unit = low.partition(" ")
    second, _, other = high.partition(" ")
    if not second or unit.removesuffix("s") != other.removesuffix("s") or " " in unit or not unit:
        return f"{low} – {high}"
    return f"{first} – {second} {max(unit, other)}"


def percent(value: float | None, digits: int = 1) -> str:
    """A share.

    >>> percent(0.0512), percent(None), percent(1.0), percent(0.0)
    ('5.1 %', 'unknown', '100 %', '0 %')
    >>> percent(0.0003), percent(0.9997), percent(0.996, 0)  # not none of them, and not all
    ('< 0.1 %', '> 99.9 %', '> 99 %')
    """
    if value is None:
        return "unknown"
    text = f"{value * 100:.{digits}f}"
    if float(text) == 0 < value:
        return f"< {10.0**-digits:.{digits}f} %"
    if float(text) == 100 and value < 1:
        return f"> {100 - 10.0**-digits:.{digits}f} %"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


def points(value: float, *, sign: bool = False) -> str:
    """A difference of two shares, in percentage points; `sign` shows the plus.

    >>> points(0.021), points(0.021, sign=True), points(-0.0004), points(-0.5), points(0.01), points(math.inf)
    ('2.1 points', '+2.1 points', '0 points', '−50 points', '1 point', 'unbounded')
    """
    if math.isinf(value):
        return "unbounded"
    rounded = round(value * 100, 1) + 0.0
    prefix = "−" if rounded < 0 else "+" if sign and rounded > 0 else ""
    return f"{prefix}{abs(rounded):g} point{'' if abs(rounded) == 1 else 's'}"


def times(value: float | None) -> str:
    """A ratio.

    >>> times(1.2345), times(0.0312), times(12.34), times(math.inf)
    ('1.23 ×', '0.031 ×', '12 ×', 'unbounded')
    """
    if value is None:
        return "unknown"
    if math.isinf(value):
        return "unbounded"
    digits = 3 if value < 0.1 else 2 if value < 10 else 0
    return f"{value:.{digits}f} ×"


def count(value: int, noun: str) -> str:
    """A number of things.

    >>> count(1, "job"), count(12345, "job")
    ('1 job', '12,345 jobs')
    """
    return f"{value:,} {noun}{'' if value == 1 else 's'}"


def about(value: int, noun: str) -> str:
    """A forecast, to two figures: more would pretend.

    >>> about(1873, "job"), about(7, "job")
    ('about 1,900 jobs', 'about 7 jobs')
    """
    if value >= 100:
        size = 10 ** (len(str(value)) - 2)
        value = round(value / size) * size
    return f"about {count(value, noun)}"


def roughly(value: float) -> str:
    """A forecast of time, in one unit.

    >>> roughly(40), roughly(400), roughly(10_000), roughly(200_000), roughly(5e7)
    ('under a minute', '7 minutes', '3 hours', '2 days', '19 months')
    """
    for limit, size, noun in (
        (90 * 60, 60, "minute"),
        (36 * 3600, 3600, "hour"),
        (90 * 86400, 86400, "day"),
        (math.inf, 30.44 * 86400, "month"),
    ):
        if value < limit:
            whole = max(1, round(value / size))
            return "under a minute" if value < 60 else count(whole, noun)
    raise AssertionError("every finite duration has a unit")


def days_long(days: float) -> str:
    """
    >>> days_long(0.3), days_long(14.2), days_long(938.0), days_long(492132.0)
    ('1 day', '15 days', '938 days', '1,347 years')
    """
    whole = max(1, math.ceil(days))
    return count(whole, "day") if whole < LONG else count(round(whole / YEAR), "year")


def listed(words: list[str]) -> str:
    """
    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _figures(value: float) -> str:
    """Three figures, no more than that, no trailing noise."""
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{min(digits, 3)}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"


def sentence(text: str) -> str:
    """
    >>> sentence("it holds")
    'It holds.'
    """
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
