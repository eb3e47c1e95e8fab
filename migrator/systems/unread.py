"""npm packages of job systems that no reader knows: what code does with them is said, not read."""

from __future__ import annotations

from collections.abc import Mapping

#: package -> the system, as its authors write it
UNREAD: Mapping[str, str] = {
    "bree": "Bree",
    "@mintplex-labs/bree": "Bree",
    "kue": "Kue",
    "node-resque": "node-resque",
    "quirrel": "Quirrel",
    "workflow": "Workflow DevKit",
    "@temporalio/client": "Temporal",
    "@temporalio/worker": "Temporal",
    "@hatchet-dev/typescript-sdk": "Hatchet",
    "@restatedev/restate-sdk": "Restate",
    "@google-cloud/tasks": "Google Cloud Tasks",
}
