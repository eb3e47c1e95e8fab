"""Packages of job systems that no reader knows: what code does with them is said, not read."""

from __future__ import annotations

from collections.abc import Mapping

#: npm package -> the system, as its authors write it
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

#: module of Python -> the system, or what of it runs work later or again
UNREAD_IN_PYTHON: Mapping[str, str] = {
    "background_task": "django-background-tasks",
    "saq": "SAQ",
    "streaq": "streaQ",
    "pgqueuer": "PgQueuer",
    "chancy": "Chancy",
    "tasktiger": "TaskTiger",
    "kuyruk": "Kuyruk",
    "mrq": "MRQ",
    "spinach": "Spinach",
    "wakaq": "WakaQ",
    "pyres": "pyres",
    "django_dbq": "django-dbq",
    "django_lightweight_queue": "django-lightweight-queue",
    "django_cron": "django-cron",
    "kronos": "django-kronos",
    "schedule": "schedule",
    "rocketry": "Rocketry",
    "aiocron": "aiocron",
    "uwsgidecorators": "uWSGI",
    "fastapi_utils.tasks": "fastapi-utils",
    "fastapi_restful.tasks": "fastapi-restful",
    "fastapi_utilities": "fastapi-utilities",
    "temporalio": "Temporal",
    "hatchet_sdk": "Hatchet",
    "restate": "Restate",
    "google.cloud.tasks": "Google Cloud Tasks",
    "google.cloud.tasks_v2": "Google Cloud Tasks",
    "greenstalk": "beanstalkd",
    "beanstalkc": "beanstalkd",
    "gearman": "Gearman",
    "python3_gearman": "Gearman",
    "faktory": "Faktory",
    "tembo_pgmq_python": "pgmq",
}
