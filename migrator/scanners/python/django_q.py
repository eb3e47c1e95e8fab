"""Django Q and django-q2 in Python code. This file only says who reads what; each concept has a file of its own beside it."""

from __future__ import annotations

from migrator.scanners.python import django_q_configuration, django_q_enqueues, django_q_links, django_q_schedules
from migrator.scanners.python.django_q_terms import PACKAGE, SYSTEM
from migrator.scanners.reading import Call, Reader, View


def _call(call: Call) -> None:
    any(read(call) for read in (django_q_enqueues.read, django_q_schedules.read, django_q_configuration.read_call))


def _file(view: View) -> None:
    django_q_schedules.read_file(view)
    django_q_configuration.read_file(view)


READER = Reader(
    system=SYSTEM,
    markers=(b"django_q", b"Q_CLUSTER"),
    packages=(PACKAGE,),
    call=_call,
    file=_file,
    finish=django_q_links.link,
)
