"""What the `Date` header of a service says about its clock: whole seconds, so two or three answers tell more than one."""

from __future__ import annotations

from collections.abc import Iterable
from email.utils import parsedate_to_datetime

import msgspec

from migrator.shadow.ledger import ClockReading

SECOND = 10**9
#: how far a clock may be off that nobody has told us anything about
UNKNOWN = 86_400 * SECOND


class Answer(msgspec.Struct, frozen=True):
    """An answer's `Date` (empty: it has none), and the host's nanoseconds before the question and after the answer."""

    before_ns: int
    date: str
    after_ns: int

    @property
    def bounds(self) -> tuple[int, int]:
        """The least and the greatest offset (store - host, nanoseconds) that go with this answer: a header cuts off the fraction.

        >>> Answer(4 * SECOND, "Thu, 01 Jan 1970 00:00:05 GMT", 4 * SECOND + 1).bounds
        (999999999, 2000000000)
        """
        if not self.date:
            return -UNKNOWN, UNKNOWN
        said = int(parsedate_to_datetime(self.date).timestamp()) * SECOND
        return said - self.after_ns, said + SECOND - self.before_ns


def clock_reading(answers: Iterable[Answer]) -> ClockReading:
    """The offset that all answers allow. Clocks that may agree are taken to: a guess would move true times.

    >>> clock_reading([Answer(5 * SECOND + 400_000_000, "Thu, 01 Jan 1970 00:00:05 GMT", 5 * SECOND + 500_000_000)])
    ClockReading(offset_ns=0, rtt_ns=1200000000)
    """
    bounds = [answer.bounds for answer in answers]
    low, high = max(low for low, _ in bounds), min(high for _, high in bounds)
    if low > high:  # a clock was set between two answers: the last one counts
        low, high = bounds[-1]
    if low <= 0 <= high:
        return ClockReading(0, 2 * max(-low, high))
    return ClockReading((low + high) // 2, high - low)
