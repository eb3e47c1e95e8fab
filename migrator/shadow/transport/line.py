"""An event on its way: one line of JSON with the fields of `ledger/event.py`; what has its default is left out."""

from __future__ import annotations

import msgspec

from migrator.shadow.ledger.event import Clock, Event


class Line(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An event and the configuration that it was made under.

    The recorder fills in `event_id`, `boot_id`, `seq`, `host` and `pid`. `config_epoch` is 0: only the ledger numbers epochs.
    """

    event_id: str = ""
    config_epoch: int = 0
    clock: Clock = "host"
    config: str = ""  #: the digest of what was routed by (`Decider.digest`); empty where the event was not routed


_NUMBERS = ("ts_ns", "seq", "attempt", "mono_ns", "elapsed_ns", "until_ns", "pid", "bytes")
_LARGEST = 2**63 - 1
_decoder = msgspec.json.Decoder(Line)
_encoder = msgspec.json.Encoder()


def encoded(line: Line) -> bytes:
    """The line with its end. Raises ValueError and TypeError for what is no JSON: half a surrogate pair, an object of the caller's."""
    return _encoder.encode(line) + b"\n"


def decoded(data: bytes) -> Line:
    """The event of a line; fields that a newer version added are passed over.

    Raises msgspec.MsgspecError where it holds none, or a number that no ledger can keep.
    """
    # Postgres keeps no text with a zero in it, and one event must not keep the others from it.
    line = _decoder.decode(data.replace(b"\\u0000", b"\\ufffd"))
    if any(number is not None and abs(number) > _LARGEST for number in (getattr(line, name) for name in _NUMBERS)):
        raise msgspec.ValidationError("a number in it needs more than 64 bits")
    return line


def read_lines(data: bytes, place: str) -> tuple[list[Line], list[str]]:
    """The events of whole lines, and sentences about the lines that hold none; `place` is what they came in.

    >>> read_lines(b"{}\\n", "a.jsonl")
    ([], ['a.jsonl: line 1 is no event: Object missing required field `experiment`'])
    """
    lines: list[Line] = []
    unreadable: list[str] = []
    for number, raw in enumerate(data.split(b"\n")[:-1], start=1):
        try:
            lines.append(decoded(raw))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            unreadable.append(f"{place}: line {number} is no event: {error}")
    return lines, unreadable
