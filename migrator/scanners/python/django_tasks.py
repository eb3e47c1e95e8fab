"""Django's task API (`django.tasks`, and the django-tasks backport) in Python code; django-crontask's schedules."""

from __future__ import annotations

from migrator.scanners.python import django_tasks_configuration, django_tasks_enqueues, django_tasks_functions, django_tasks_schedules
from migrator.scanners.python.django_tasks_terms import PACKAGE, RUNS, SYSTEM
from migrator.scanners.reading import Call, Reader, View


def _call(call: Call) -> None:
    any(read(call) for read in (django_tasks_enqueues.read, django_tasks_functions.read_call))


def _file(view: View) -> None:
    django_tasks_functions.read_file(view)
    django_tasks_enqueues.read_references(view)
    django_tasks_schedules.read_file(view)
    django_tasks_configuration.read_file(view)


READER = Reader(
    system=SYSTEM,
    markers=(b"django_tasks", b"django.tasks", b"crontask", b".aenqueue(", b"tasks.task", b"TASKS = {"),
    packages=(PACKAGE,),
    call=_call,
    file=_file,
    unknown=django_tasks_enqueues.read_unknown,
    telltales=RUNS,
)
