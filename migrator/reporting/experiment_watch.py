"""An experiment while it goes on: one screen of a terminal, or a line now and then."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping

from rich.console import Console, Group
from rich.text import Text

from migrator.reporting import experiment_words as words
from migrator.reporting.experiment_console import numbers, print_verdicts
from migrator.reporting.experiment_shown import shown
from migrator.reporting.experiment_standing import run_words, standing_lines
from migrator.shadow import wording
from migrator.shadow.live.standing import Standing
from migrator.shadow.summary import ExperimentSummary, Moment

#: seconds over which jobs a minute are counted
SPAN = 60.0
MOMENTS = 5
#: characters of a moment on the screen; the report has all of it
MOMENT = 150


class Pace:
    """Jobs a minute of every arm, from one look to the next."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, dict[str, int]]] = deque()

    def see(self, assigned: Mapping[str, int], now: float) -> dict[str, float | None]:
        """Jobs a minute over the last minute, as far as that was seen; None at the first look.

        >>> pace = Pace()
        >>> pace.see({"old": 10}, 0.0), pace.see({"old": 15}, 30.0), pace.see({"old": 15}, 95.0)
        ({'old': None}, {'old': 10.0}, {'old': 0.0})
        """
        while len(self._looks) > 1 and now - self._looks[1][0] >= SPAN:
            self._looks.popleft()
        self._looks.append((now, dict(assigned)))
        if len(self._looks) > 2 and now - self._looks[0][0] > SPAN:
            self._looks.popleft()
        then, before = self._looks[0]
        return {arm: (count - before.get(arm, 0)) / (now - then) * 60 if now > then else None for arm, count in assigned.items()}


def screen(summary: ExperimentSummary, standing: Standing, pace: Mapping[str, float | None], width: int) -> Group:
    """Everything that somebody on duty wants to see, the worst first."""
    summary = shown(summary)
    console = Console(width=width, highlight=False, force_terminal=True)
    with console.capture() as captured:
        print_verdicts(console, summary)
    table = numbers(summary)
    table.add_row("jobs a minute", *(_rate(pace.get(arm.arm)) for arm in summary.arms))
    parts: list[Text] = []
    parts += [Text.assemble((f"{summary.experiment}  ", "bold"), f"{run_words(standing)}  ", (time.strftime("%H:%M:%S"), "dim"))]
    parts += [Text(), Text.from_ansi(captured.get().rstrip("\n")), Text()]
    troubles = [check for check in summary.checks if check.state == "invalid"]
    below: list[Text] = [Text.assemble((f"✗ {words.CHECKS[c.name]}. ", "bold red"), wording.sentence(c.finding)) for c in troubles]
    below += [Text(line) for line in standing_lines(standing)]
    if summary.moments:
        below += [Text(), *(_moment(moment) for moment in summary.moments[-MOMENTS:])]
    below += [Text(), Text("q or Ctrl-C ends this view, not the run.", style="dim")]
    return Group(*parts, table, Text(), *below)


def line(summary: ExperimentSummary, standing: Standing, pace: Mapping[str, float | None]) -> str:
    """All of it in a line, for a log."""
    arms = "; ".join(
        f"{arm.arm}: {arm.assigned} assigned, {arm.classes['completed']} completed, {arm.classes['in_flight']} in flight"
        + (f", {arm.classes['presumed_lost']} lost" if arm.classes["presumed_lost"] else "")
        + (f", {_rate(rate)} a minute" if (rate := pace.get(arm.arm)) is not None else "")
        for arm in summary.arms
    )
    ramp = f"; step {standing.ramp.at + 1} of {len(standing.ramp.steps)}" if standing.ramp else ""
    return f"{time.strftime('%H:%M:%S')}  {arms}; {summary.headline}{ramp}"


def _rate(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"


def _moment(moment: Moment) -> Text:
    text = moment.text if len(moment.text) <= MOMENT else f"{moment.text[:MOMENT]}…"
    return Text.assemble((f"{wording.seconds(max(0.0, round(moment.at)))}  ", "dim"), text)
