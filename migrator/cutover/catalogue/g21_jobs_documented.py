"""G21: somebody wrote down what each job does."""

from __future__ import annotations

import re

from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer, Gate, nothing, settled
from migrator.jobs import Job

_DOCUMENTS = (".md", ".mdx", ".rst", ".adoc")
_COMMENTS = (b"//", b"/*", b"#", b"*")
_DOCSTRINGS = (b'"""', b"'''", b'r"""')


def check(evidence: Evidence) -> Answer:
    """Open for each job that no document names and that says nothing itself."""
    jobs = [i for i in evidence.inventory.production if isinstance(i, Job) and i.system == evidence.lock.target and (i.name or i.symbol)]
    if not jobs:
        return nothing(f"there is no job of {evidence.target.title}")
    documents = {p: evidence.tree.read(p).decode("utf-8", "replace") for p in evidence.tree.sizes if p.lower().endswith(_DOCUMENTS)}
    doubts: list[str] = []
    fine: list[str] = []
    for job in jobs:
        name = job.name or job.symbol
        named = re.compile("|".join(rf"(?<![\w-]){re.escape(word)}(?![\w-])" for word in {job.name, job.symbol} - {""}))
        told = next((path for path, text in sorted(documents.items()) if named.search(text)), "")
        if told:
            fine.append(f"{name}: {told}")
        elif _says_itself(evidence, job):
            fine.append(f"{name}: in its own words, {job.location.place}")
        else:
            doubts.append(f"{job.location.place}: {name} is described nowhere")
    return settled([], doubts, tuple(fine), "a sentence on each in a document or above its code, or an attestation")


def _says_itself(evidence: Evidence, job: Job) -> bool:
    """A comment right above the job, or a docstring at the head of its body."""
    if job.location.path not in evidence.tree:
        return False
    data = evidence.tree.read(job.location.path)
    start = job.definition.start if job.definition else job.location.span.start
    above = data[:start].rstrip().rpartition(b"\n")[2].strip()
    inside = data[job.handler.body.start : job.handler.body.start + 200].lstrip(b" \t\r\n{:") if job.handler else b""
    return above.startswith(_COMMENTS) or above.endswith(b"*/") or inside.startswith((*_COMMENTS, *_DOCSTRINGS))


GATE = Gate(
    id="G21",
    title="Every job is described",
    asks="Is it written down what every job of the target does?",
    how="A document of the tree names the job, or a comment or docstring stands at it. What they say is not judged.",
    answered_by="either",
    check=check,
)
