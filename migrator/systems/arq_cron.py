"""When an arq `cron(…)` fires: sets of numbers for each field, all of which must match (arq 0.28.0)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

#: field -> (smallest, largest) value, in the order of a cron expression
FIELDS = {"minute": (0, 59), "hour": (0, 23), "day": (1, 31), "month": (1, 12), "weekday": (0, 6)}
#: weekdays by name, Monday first: arq's own numbers
WEEKDAYS = ("mon", "tues", "wed", "thurs", "fri", "sat", "sun")

Numbers = int | str | Iterable[int] | None


def cron_text(fields: Mapping[str, Numbers], second: Numbers = 0) -> str:
    """A cron expression that fires when arq does; with seconds in front where these are not 0.

    arq counts weekdays from Monday, cron from Sunday. Day and weekday must both match, which cron readers that join them with `or` miss.

    Raises:
        ValueError: arq refuses it.

    >>> cron_text({"hour": {9, 17}, "minute": 0}), cron_text({"weekday": "mon", "hour": 3, "minute": 30})
    ('0 9,17 * * *', '30 3 * * 1')
    >>> cron_text({"minute": range(0, 60, 15)}), cron_text({"weekday": {5, 6}, "hour": 1}), cron_text({}, second=None)
    ('*/15 * * * *', '* 1 * * 0,6', '* * * * * *')
    """
    written = [_field(name, fields.get(name)) for name in FIELDS]
    seconds = _listed(second, 0, 59)
    return " ".join(written if seconds == "0" else [seconds, *written])


def _field(name: str, value: Numbers) -> str:
    low, high = FIELDS[name]
    if name != "weekday" or value is None:
        return _listed(value, low, high)
    if isinstance(value, str):
        value = WEEKDAYS.index(value.lower())
    return _listed({(day + 1) % 7 for day in ({value} if isinstance(value, int) else value)}, low, high)


def _listed(value: Numbers, low: int, high: int) -> str:
    """
    >>> _listed({0, 5, 10}, 0, 59), _listed(range(60), 0, 59), _listed(7, 0, 23), _listed(None, 0, 23), _listed(range(1, 24, 2), 0, 23)
    ('0,5,10', '*', '7', '*', '1,3,5,7,9,11,13,15,17,19,21,23')
    """
    if value is None:
        return "*"
    numbers = sorted({value} if isinstance(value, int) else {n for n in value if isinstance(n, int)})
    if not numbers or not all(low <= n <= high for n in numbers):
        raise ValueError(f"{numbers} are not all from {low} to {high}")
    if len(numbers) == high - low + 1:
        return "*"
    step = numbers[1] - numbers[0] if len(numbers) > 2 else 0
    if step > 1 and numbers == list(range(low, high + 1, step)):
        return f"*/{step}"
    return ",".join(map(str, numbers))
