"""How an experiment stands, in lines: its run, its ramp, what is switched off, and what of the record is missing."""

from __future__ import annotations

import time
from datetime import datetime

from migrator.reporting.plain import visible
from migrator.shadow.live.standing import Ramp, Standing
from migrator.shadow.wording import count, roughly, seconds

_ENDINGS = {
    "watched": "ended",
    "closed": "over since",
    "finished": "finished",
    "deadline": "its time was over",
    "interrupted": "interrupted",
}


def run_words(standing: Standing) -> str:
    """Whether somebody is at it.

    Of a run that was broken off nothing tells but that nobody is at it any more.
    """
    if standing.began_ns is None:
        return "never run"
    since = f"since {_moment(standing.began_ns)}"
    if standing.ended_ns is not None:
        return f"{_ENDINGS.get(standing.ending, standing.ending)} {_moment(standing.ended_ns)}"
    if standing.collected is None:
        return f"running, or broken off, {since}"
    return f"running {since}" if standing.collected else f"broken off; run it again to go on (it began {_moment(standing.began_ns)})"


def standing_lines(standing: Standing) -> list[str]:
    """Ramp, switches, recorders; nothing of what there is none of."""
    lines: list[str] = []
    if standing.trouble:
        lines.append(f"Routing: {standing.trouble}")
    if standing.ramp:
        lines.append(f"Ramp: {ramp_words(standing.ramp)}")
    state = standing.state
    if state is not None:
        if state.everything:
            lines.append("Switched off: everything goes to the current arm")
        elif state.arms or state.jobs:
            lines.append(f"Switched off: {', '.join((*state.arms, *state.jobs))}")
        if state.said:
            lines.append(f"Last change: {visible(state.said)}")
    if standing.live:
        lost = f"{count(standing.events_lost, 'event')} lost" if standing.events_lost else "no event lost"
        waiting = f"{count(standing.waiting_bytes, 'byte')} wait to be collected" if standing.waiting_bytes else "nothing waits"
        lines.append(f"Recorders: {lost}, {waiting}")
    return lines


def ramp_words(ramp: Ramp) -> str:
    """Where it is, since when, and what comes.

    >>> from migrator.shadow.live.ramping import Step
    >>> ramp_words(Ramp(steps=(Step("1%", 86400.0), Step("100%", None)), at=0, seconds=3600.0, held=False))
    'step 1 of 2 (1%) for 1 h; the next in 23 hours, if nothing speaks against it'
    """
    words = f"step {ramp.at + 1} of {len(ramp.steps)} ({ramp.steps[ramp.at].text})"
    if ramp.seconds is not None:
        words += f" for {seconds(max(1.0, round(ramp.seconds)))}"
    if ramp.held:
        return f"{words}; held"
    if ramp.left is None:
        return words
    return f"{words}; the next {f'in {roughly(ramp.left)}' if ramp.left else 'is due'}, if nothing speaks against it"


def _moment(at_ns: int) -> str:
    moment = datetime.fromtimestamp(at_ns / 1e9).astimezone()
    today = time.strftime("%Y-%m-%d")
    text = moment.strftime("%Y-%m-%d %H:%M:%S")
    return text.removeprefix(f"{today} ")
