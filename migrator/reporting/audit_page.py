"""An inventory as one HTML file: what there is, when it runs, who starts what, and the code at which each thing stands."""

from __future__ import annotations

from pathlib import Path

import msgspec
from markupsafe import Markup, escape

from migrator import __version__
from migrator.jobs import Inventory, Item, Kind, Schedule
from migrator.planning.starts import Node, Starts, starts
from migrator.regex import regex
from migrator.reporting import audit_words as words
from migrator.reporting import set_aside
from migrator.reporting.drawing.day import day, hours
from migrator.reporting.drawing.layers import Box, layers
from migrator.reporting.excerpts import Excerpt, Excerpts
from migrator.reporting.pages import page
from migrator.systems.schedule_times import times

#: groups of the picture that are drawn at once; the smaller ones can be opened
OPEN_GROUPS = 8
#: what stands between backticks, one or two on each side
_CODE = regex(r"``?([^`]+)``?")
#: a circle with two hands
_CLOCK = "M1 7a6 6 0 1 0 12 0a6 6 0 1 0 -12 0M7 3.5V7l2.5 1.5"


class Row(msgspec.Struct, frozen=True):
    """An item as the page lists it. `text` is what the search field looks through."""

    kind: Kind
    system: str
    title: str
    name: str
    where: str
    about: str
    confidence: str
    text: str
    excerpt: Excerpt | None
    facts: tuple[tuple[str, str], ...]


class Strip(msgspec.Struct, frozen=True):
    """A schedule on the line of a day; without `drawing` where its times are not told by its text."""

    name: str
    system: str
    where: str
    when: str
    said: str
    drawing: Markup | None


def render_page(inventory: Inventory, root: Path) -> str:
    """The page. `root` is the folder that was scanned, for the lines of code."""
    excerpts, groups = Excerpts(root), drawings(inventory)
    return page(
        "audit",
        inventory=inventory,
        version=__version__,
        words=words,
        set_aside=set_aside.set_aside,
        accepted=set_aside.accepted,
        known=set_aside.known,
        said_where=set_aside.said_where,
        marked=marked,
        kinds=[kind for kind in words.HEADINGS if any(i.kind == kind for i in inventory.production)],
        rows=[_row(item, excerpts) for item in _in_order(inventory)],
        strips=strips(inventory),
        hours=hours(),
        groups=groups[:OPEN_GROUPS],
        more_groups=groups[OPEN_GROUPS:],
        alone=starts(inventory).alone(),
    )


def marked(text: str) -> Markup:
    """A sentence with what stands between backticks set as code.

    >>> marked("`a<b>` is late")
    Markup('<code>a&lt;b&gt;</code> is late')
    """
    parts = _CODE.split(text)
    return Markup("").join(Markup("<code>{}</code>").format(part) if number % 2 else escape(part) for number, part in enumerate(parts))


def _in_order(inventory: Inventory) -> list[Item]:
    """System by system, kind by kind, as the tables of the other forms."""
    order = {system: place for place, (system, _) in enumerate(words.tally(inventory))}
    kinds = list(words.HEADINGS)
    return sorted(inventory.production, key=lambda i: (order[i.system], kinds.index(i.kind), i.location.path, i.location.line))


def _row(item: Item, excerpts: Excerpts) -> Row:
    name, where, about = item.name or "known only at run time", words.where(item), words.describe(item)
    return Row(
        item.kind,
        item.system,
        words.title(item.system),
        name,
        where,
        about,
        item.confidence,
        f"{name} {where} {about} {words.title(item.system)} {item.kind}".lower(),
        excerpts.of(item),
        words.facts(item),
    )


def strips(inventory: Inventory) -> list[Strip]:
    """Schedules by the first minute of the day at which they run; those without one last."""
    schedules = [i for i in inventory.production if isinstance(i, Schedule)]
    return [_strip(s) for s in sorted(schedules, key=lambda s: (not times(s).minutes, times(s).minutes[:1], words.where(s)))]


def drawings(inventory: Inventory) -> list[Markup]:
    """Who starts what, a drawing for each group that hangs together, the largest first."""
    picture = starts(inventory)
    return [_group(picture, part) for part in picture.parts()]


def _strip(schedule: Schedule) -> Strip:
    when, known = words.when(schedule), times(schedule)
    name = schedule.name or schedule.job_name or "known only at run time"
    drawing = day(known.minutes, name, known.words) if known.minutes else None
    return Strip(name, words.title(schedule.system), words.where(schedule), when, known.words, drawing)


def _group(picture: Starts, part: list[int]) -> Markup:
    inside = set(part)
    edges = [edge for edge in picture.edges if edge[0] in inside]
    jobs = sum(picture.nodes[n].kind == "job" for n in part)
    title = f"{jobs} jobs and what starts them" if jobs != 1 else "1 job and what starts it"
    return layers({n: _box(picture.nodes[n]) for n in part}, edges, title)


def _box(node: Node) -> Box:
    meant = {"job": "job", "schedule": "schedule", "code": "code that enqueues", "missing": "no job of this name was found"}[node.kind]
    about = " · ".join(part for part in (node.label, meant, words.title(node.system) if node.system else "", node.place) if part)
    return Box(node.label, about, node.kind, _CLOCK if node.kind == "schedule" else "")
