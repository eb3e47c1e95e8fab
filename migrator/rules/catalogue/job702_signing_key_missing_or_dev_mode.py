"""JOB702: an endpoint that runs jobs for whoever asks, because it takes itself for one in development."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.jobs import Client, Endpoint, Job, Literal, Setting
from migrator.jobs.findings import Spot
from migrator.regex import regex
from migrator.rules.deployment import stage
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.systems import SYSTEMS, inngest, qstash

_KEYS = {"inngest": inngest.SIGNING_KEYS, "qstash": qstash.SIGNING_KEYS}
_SWITCH = regex(
    rf"""^(?P<before>[^\n]*?)\b{inngest.DEV_SWITCH}\b["']?(?:\s*[=:]|\s*\n\s*value:|[ \t]+)[ \t]*["']?(?P<value>[^\s"'#,]*)""", re.MULTILINE
)


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for the switch to development, and one for the keys of each system that calls the application."""
    if "inngest" in evidence.systems:
        yield from _development(evidence)
    for system, names in _KEYS.items():
        called = [*evidence.of(Endpoint, system), *(j for j in evidence.of(Job, system) if system == "qstash")]
        if not called:
            continue
        named = next((spot(s, "names the signing key") for s in evidence.of(Setting, system) if s.name in names), None)
        read = evidence.containing(*(name.encode() for name in names)) if named is None else ()
        named = next((Spot(path, 1, "reads the signing key") for path in read), named)
        if named is not None:
            yield Pass(named)
        else:
            title, reason = SYSTEMS[system].title, "the signing key is named nowhere in the repository: it may be set where the code runs"
            yield Undecided(f"{title}: {reason}", spot(called[0]))


def _development(evidence: Evidence) -> Iterator[Outcome]:
    wrong: list[Client] = []
    for client in evidence.of(Client, "inngest"):
        for option, value in inngest.DEV_OPTIONS.items():
            said = client.options.get(option)
            if isinstance(said, Literal) and said.value is value:
                wrong.append(client)
            elif said is not None:
                yield Pass(spot(client, f"`{option}` is not always on"))
    if wrong:
        option = next(o for o in inngest.DEV_OPTIONS if o in wrong[0].options)
        written = f"{option}: true" if option == "isDev" else f"{option}=False"
        message = (
            f"`{written}` makes the Inngest client take requests without a signature, wherever it runs: anybody can run its functions."
        )
        yield Fail(spot(wrong[0]), message, ("inngest",), spots(wrong[1:]))
    for path in evidence.mentioning(inngest.DEV_SWITCH.encode()):
        text = evidence.tree.read(path).decode("utf-8", "replace")
        for match in _SWITCH.finditer(text) if stage(path) != "elsewhere" else ():
            value = match["value"].lower()
            if match["before"].lstrip().startswith(("#", "//")) or value in inngest.DEV_OFF or value.startswith("$"):
                continue
            where = Spot(path, text.count("\n", 0, match.end("before")) + 1, f"`{inngest.DEV_SWITCH}`")
            if stage(path) == "production":
                message = f"`{inngest.DEV_SWITCH}` is on in a file for production: the endpoint takes requests without a signature."
                yield Fail(where, message, ("inngest",), confidence="likely")
            else:
                yield Undecided(f"`{inngest.DEV_SWITCH}` is on in {path}: whether production reads that file is not told", where)


_CLIENT = (
    'import { Inngest } from "inngest";\nimport { serve } from "inngest/next";\n'
    'const inngest = new Inngest({ id: "shop"OPTION });\n'
    'const pay = inngest.createFunction({ id: "pay" }, { event: "order/made" }, async () => {});\n'
    "export const { GET, POST, PUT } = serve({ client: inngest, functions: [pay], signingKey: process.env.INNGEST_SIGNING_KEY });\n"
)

RULE = Rule(
    id="JOB702",
    name="signing-key-missing-or-dev-mode",
    title="Endpoints that take unsigned requests",
    severity="critical",
    systems=("inngest", "qstash"),
    what="An Inngest client with `isDev: true` (Python: `is_production=False`), or `INNGEST_DEV` switched on in a file for production.",
    why="In development mode the SDK checks no signature: whoever finds the endpoint can run every function in it with data of their own, "
    "and events go to a development server that is not there.",
    how="Literal options of clients; the switch in Dockerfiles, environment files and files of platforms, by what their names say they are "
    "for. In a file that may be for any machine the answer is unknown, and so it is where no signing key is named: it may be set in a "
    "dashboard. Values are compared here and never shown. Whether a login in front of `serve()` keeps Inngest out is not looked at.",
    false_alarms="An image that is only for development, in a Dockerfile whose name does not say so.",
    migration="Each target has its own key; the old one has to be taken out of the environment at the end.",
    fix="none",
    hint="Take the switch out, or bind it to the environment; set INNGEST_SIGNING_KEY where the code runs.",
    effort=Effort(15, 30, "project", "an estimate"),
    sources=("Inngest documentation, Signing keys, and Environment variables", "inngest-js, `checkModeConfiguration`"),
    examples=(
        Example(
            "inngest",
            bad={"app/api/inngest/route.ts": _CLIENT.replace("OPTION", ", isDev: true")},
            good={"app/api/inngest/route.ts": _CLIENT.replace("OPTION", ', isDev: process.env.NODE_ENV === "development"')},
        ),
    ),
    check=check,
    related=("JOB701", "JOB704"),
)
