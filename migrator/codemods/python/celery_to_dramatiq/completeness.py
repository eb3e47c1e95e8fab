"""Whether anything of Celery is left once everything that moves has moved."""

from __future__ import annotations

from migrator.codemods.python.celery_to_dramatiq.agreement import Agreement
from migrator.codemods.python.celery_to_dramatiq.application import Construction
from migrator.codemods.python.celery_to_dramatiq.file_imports import package_of
from migrator.codemods.python.celery_to_dramatiq.generated import WORKER, place_of
from migrator.codemods.python.celery_to_dramatiq.settings import HARMLESS_METHODS, STARTING_METHODS
from migrator.codemods.python.celery_to_dramatiq.survey import Survey
from migrator.codemods.python.celery_to_dramatiq.tasks import Application
from migrator.codemods.python.imports import imported_names
from migrator.jobs import Span
from migrator.systems.celery import MODULES


def nothing_stays(found: Construction, application: Application, survey: Survey, agreement: Agreement) -> bool:
    """True if nothing of Celery is left once everything that moves has moved."""
    tree = application.tree
    if survey.stuck or survey.loose or survey.everywhere or len(agreement.moving) < len(survey.tasks) or not survey.tasks:
        return False
    moved = [t.change for t in survey.tasks.values()] + [u.change for u in survey.uses if agreement.moves(u)]

    def done(path: str, where: Span) -> bool:
        understood = any(p == path and s.start <= where.start and where.end <= s.end for p, s in application.settings.understood)
        return understood or any(c.path == path and c.covers(where) for c in moved) or _retired(application, path, where)

    for path in tree.containing(*(m.encode() for m in MODULES)):
        source = tree.source(path)
        inner = [i for i in imported_names(source) if package_of(source, i) in MODULES and i.statement.parent != source.root]
        if inner and path != found.app.path:
            return False
    # A call such as `app.start()` is understood anywhere, but goes only with the application's own module.
    own = (found.app.path, place_of(tree, found.app.path).path(WORKER))
    calls = [m for m in survey.app_mentions if m.attribute_name in HARMLESS_METHODS - STARTING_METHODS and m.method_call is not None]
    if any(m.source.path not in own for m in calls):
        return False
    mentioned = [*survey.app_mentions, *survey.api_mentions]
    return all(m.imported or done(m.source.path, m.span) for m in mentioned) and found.source.gaps == ()


def _retired(application: Application, path: str, where: Span) -> bool:
    """True for text of a setting that goes with Celery."""
    return any(
        e.source.path == path and e.statement.start_byte <= where.start and where.end <= e.statement.end_byte
        for e in application.settings.entries
        if e.key != "broker_url"
    )
