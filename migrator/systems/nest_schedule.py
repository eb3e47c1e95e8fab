"""NestJS's schedule module: timers inside the process."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.systems.facts import System

SYSTEM = System(
    name="nest-schedule",
    title="@nestjs/schedule",
    overlapping_runs="yes",
    one_run_options=("waitForCompletion",),
    in_process=True,
    languages=("typescript", "javascript"),
    npm=("@nestjs/schedule",),
    default_timezone="local",
    cron_seconds="yes",
    source="@nestjs/schedule 12.0.2, its enum listed by running it",
)

_TWELVE = range(1, 12)

#: `CronExpression` and the crons that its names stand for
EXPRESSIONS: Mapping[str, str] = {
    "EVERY_SECOND": "* * * * * *",
    **{f"EVERY_{n}_SECONDS": f"*/{n} * * * * *" for n in (5, 10, 30)},
    "EVERY_MINUTE": "*/1 * * * *",
    **{f"EVERY_{n}_MINUTES": f"0 */{n} * * * *" for n in (5, 10, 30)},
    "EVERY_HOUR": "0 0-23/1 * * *",
    **{f"EVERY_{n}_HOURS": f"0 0-23/{n} * * *" for n in range(2, 13)},
    **{f"EVERY_DAY_AT_{n}AM": f"0 {n:02} * * *" for n in _TWELVE},
    "EVERY_DAY_AT_NOON": "0 12 * * *",
    **{f"EVERY_DAY_AT_{n}PM": f"0 {n + 12} * * *" for n in _TWELVE},
    "EVERY_DAY_AT_MIDNIGHT": "0 0 * * *",
    "EVERY_WEEK": "0 0 * * 0",
    "EVERY_WEEKDAY": "0 0 * * 1-5",
    "EVERY_WEEKEND": "0 0 * * 6,0",
    "EVERY_1ST_DAY_OF_MONTH_AT_MIDNIGHT": "0 0 1 * *",
    "EVERY_1ST_DAY_OF_MONTH_AT_NOON": "0 12 1 * *",
    "EVERY_2ND_HOUR": "0 */2 * * *",
    "EVERY_2ND_HOUR_FROM_1AM_THROUGH_11PM": "0 1-23/2 * * *",
    "EVERY_2ND_MONTH": "0 0 1 */2 *",
    "EVERY_QUARTER": "0 0 1 */3 *",
    "EVERY_6_MONTHS": "0 0 1 */6 *",
    "EVERY_YEAR": "0 0 1 1 *",
    "EVERY_30_MINUTES_BETWEEN_9AM_AND_5PM": "0 */30 9-17 * * *",
    "EVERY_30_MINUTES_BETWEEN_9AM_AND_6PM": "0 */30 9-18 * * *",
    "EVERY_30_MINUTES_BETWEEN_10AM_AND_7PM": "0 */30 10-19 * * *",
    **{f"MONDAY_TO_FRIDAY_AT_{n}AM": f"0 0 {n:02} * * 1-5" for n in _TWELVE},
    "MONDAY_TO_FRIDAY_AT_09_30AM": "0 30 09 * * 1-5",
    "MONDAY_TO_FRIDAY_AT_11_30AM": "0 30 11 * * 1-5",
    "MONDAY_TO_FRIDAY_AT_12PM": "0 0 12 * * 1-5",
    **{f"MONDAY_TO_FRIDAY_AT_{n}PM": f"0 0 {n + 12} * * 1-5" for n in _TWELVE},
}
