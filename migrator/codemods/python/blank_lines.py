"""Blank lines around statements that go: what is left is as far apart as it was, not further."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from migrator.jobs import Span


def close_gaps(data: bytes, deletions: Iterable[Span], insertions: Iterable[int]) -> list[Span]:
    """Further lines to delete, given whole lines that are deleted and offsets at which something is inserted."""
    points = set(insertions)
    found: list[Span] = []
    regions: list[list[Span]] = []
    for span in sorted({s for s in deletions if _is_lines(data, s)}, key=lambda s: s.start):
        last = regions[-1][-1] if regions else None
        if last is not None and not data[last.end : span.start].strip() and not any(last.end <= p <= span.start for p in points):
            regions[-1].append(span)
        else:
            regions.append([span])
    for region in regions:
        found += [Span(one.end, other.start) for one, other in pairwise(region) if one.end < other.start]
        start, end = region[0].start, region[-1].end
        if not data[end:].strip() and not any(p >= start for p in points):
            # Nothing follows: a file does not end in blank lines.
            found += [Span(start - len(blank), start)] if (blank := _blank_bytes_before(data, start)) else []
            continue
        if start in points or end in points:
            continue
        swallowed = end
        for _ in range(_blank_after(data, end) if start == _body(data) else _blank_before(data, start)):
            line_end = data.find(b"\n", swallowed) + 1
            if line_end == 0 or data[swallowed:line_end].strip() or any(swallowed < p <= line_end for p in points):
                break
            swallowed = line_end
        if swallowed > end:
            found.append(Span(end, swallowed))
    return found


def _is_lines(data: bytes, span: Span) -> bool:
    starts = span.start == _body(data) or data[span.start - 1 : span.start] == b"\n"
    return starts and span.end > span.start and data[span.end - 1 : span.end] == b"\n"


def _body(data: bytes) -> int:
    return 3 if data.startswith(b"\xef\xbb\xbf") else 0


def _blank_before(data: bytes, offset: int) -> int:
    count = 0
    lines = data[_body(data) : offset].split(b"\n")[:-1]
    for line in reversed(lines):
        if line.strip():
            break
        count += 1
    return count


def _blank_bytes_before(data: bytes, offset: int) -> bytes:
    count = _blank_before(data, offset)
    lines = data[_body(data) : offset].splitlines(keepends=True)
    return b"".join(lines[-count:]) if count else b""


def _blank_after(data: bytes, offset: int) -> int:
    count = 0
    for line in data[offset:].split(b"\n")[:-1]:
        if line.strip():
            break
        count += 1
    return count
