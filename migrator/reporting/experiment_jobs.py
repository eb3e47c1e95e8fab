"""Jobs that something happened to, as a table for spreadsheets and data frames: every one of them, by name."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

from migrator.reporting.plain import visible
from migrator.reporting.spreadsheet import cell
from migrator.shadow.measuring.named_jobs import TROUBLES, NamedJob

COLUMNS = ("trouble", "arm", "job_key", "job_name", "unit_key", "label", "native_ids", "assigned", "detail")


def render_jobs(jobs: Iterable[NamedJob]) -> str:
    """The worst trouble first. `assigned`: ISO 8601 in UTC; empty where nobody saw it."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(COLUMNS)
    for job in sorted(jobs, key=lambda job: TROUBLES.index(job.trouble)):
        when = "" if job.since_ns is None else datetime.fromtimestamp(job.since_ns / 1e9, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        texts = (job.arm, job.job_key, job.job_name, job.unit_key, job.label or "", " ".join(job.native_ids))
        writer.writerow([job.trouble, *(visible(cell(text)) for text in texts), when, visible(cell(job.detail))])
    return sheet.getvalue()
