"""Who starts what as a Mermaid flowchart, for Markdown."""

from __future__ import annotations

from migrator.planning.starts import Starts

_SHAPES = {"job": ('["', '"]'), "schedule": ('(["', '"])'), "code": ('("', '")'), "missing": ('>"', '"]')}


def flowchart(picture: Starts) -> str:
    """The chart; empty where nothing starts anything.

    >>> from migrator.planning.starts import Node
    >>> print(flowchart(Starts([Node("schedule", "nightly"), Node("job", 'say "hi"')], {(0, 1): []})))
    flowchart LR
      n0(["nightly"]) --> n1["say #quot;hi#quot;"]
    """
    if not picture.edges:
        return ""
    lines = [f"  {_box(picture, start)} --> {_box(picture, end)}" for start, end in sorted(picture.edges)]
    return "\n".join(["flowchart LR", *lines])


def _box(picture: Starts, number: int) -> str:
    node = picture.nodes[number]
    left, right = _SHAPES[node.kind]
    label = node.label.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;").replace("\n", " ")
    return f"n{number}{left}{label}{right}"
