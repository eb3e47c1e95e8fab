"""From Inngest to BullMQ, forms of code that keep a function on Inngest: MIG452 to MIG472."""

from __future__ import annotations

from migrator.systems.trap import Trap

_BULLMQ = ("bullmq",)
_INNGEST = ("inngest",)

TRAPS = (
    Trap(
        "MIG452",
        "A definition that is not written out",
        "human",
        "Moved are calls of `client.createFunction` that are the value of a constant or the default export at the top of a file.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
export const make = (id: string) => inngest.createFunction({ id }, trigger, handler);
export const sync = inngest.createFunction({ id: "sync" }, trigger, handler);   // moves
""",
    ),
    Trap(
        "MIG453",
        "Does it run at all?",
        "human",
        "A function that no endpoint lists never runs. Where the list could not be found, moving it might start what was switched off.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
serve({ client, functions: loadFunctions() })   // is `digest` among them?
""",
    ),
    Trap(
        "MIG454",
        "A list of functions that is computed",
        "human",
        "As long as Inngest has other functions, one that moves has to leave the endpoint's list, or it would run in both places.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
serve({ client, functions: all.filter(isEnabled) })
serve({ client, functions: [sync, digest] })     // one can be taken out
""",
    ),
    Trap(
        "MIG455",
        "A file that a worker cannot load",
        "human",
        "The worker is a plain Node process. It cannot load a file that starts a server, or imports what only a "
        "framework's build provides. Put the function into a file of its own.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
import { app } from "./server";                  // starts listening
export const sync = inngest.createFunction(…);   // belongs in a file of its own
""",
    ),
    Trap(
        "MIG456",
        "Events that come from elsewhere",
        "human",
        "Nothing in this code base sends the event. Whoever does (another application, a webhook, a person) sends it to "
        "Inngest, where no function would hear it any more. If nobody does, rewrite with --unsafe.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
// nobody here sends it: a webhook of the payment service does, to Inngest
{ event: "stripe/charge.succeeded" }
""",
    ),
    Trap(
        "MIG457",
        "Events that go past the client",
        "human",
        "The event is also sent by a step of a function that stays on Inngest, or posted by hand; the queues would not get it.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
await fetch(`https://inn.gs/e/${key}`, { method: "POST", body });   // past the client
""",
    ),
    Trap(
        "MIG460",
        "A client that is not a constant",
        "human",
        "The client has to be made by `new Inngest({ … })` as a constant at the top of a file, and be used by its name.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
const client = (env: Env) => new Inngest({ id: env.APP });
export const client = new Inngest({ id: "shop" });   // can be read
""",
    ),
    Trap(
        "MIG461",
        "Code on an edge runtime",
        "human",
        "Redis is reached over a TCP connection, which edge runtimes do not have. Send from another runtime, or through "
        "a route of your own.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
export const runtime = "edge";
await inngest.send(event);       // HTTP works here, Redis does not
""",
    ),
    Trap(
        "MIG462",
        "Other parts of the SDK",
        "human",
        "The function uses something of Inngest's package that the generated runtime does not offer.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
import { internalEvents } from "inngest/helpers";
""",
    ),
    Trap(
        "MIG463",
        "Settings of Inngest",
        "human",
        "Code that asks for `INNGEST_…` variables decides something by them. It has to ask for something else before they can go.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
if (process.env.INNGEST_DEV) enableFakeMail();
""",
    ),
    Trap(
        "MIG464",
        "A client of another package",
        "human",
        "The generated files stand in the client's package. A function of another package cannot import them by a relative path.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
// packages/mail uses the client of packages/shop
import { inngest } from "@acme/shop";
""",
    ),
    Trap(
        "MIG465",
        "Forms of older SDK versions",
        "human",
        "Version 1's constructors, and steps without ids as in version 2. Move to version 3 first.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
createStepFunction("sync", "user/created", async ({ tools }) => tools.sleep("1d"));
inngest.createFunction({ id: "sync" }, { event: "user/created" }, async ({ step }) => step.sleep("wait", "1d"));
""",
    ),
    Trap(
        "MIG466",
        "Functions in tests, examples and other languages",
        "human",
        "They are not moved; change them along with what they try.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
// sync.test.ts
const { result } = await new InngestTestEngine({ function: sync }).execute();
""",
    ),
    Trap(
        "MIG467",
        "Versions that are too old",
        "human",
        "The generated code needs BullMQ 5.16 and ioredis 5, or later.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="application",
        example="""
"bullmq": "^4.12.0"     // 5.16 or later has upsertJobScheduler
""",
    ),
    Trap(
        "MIG468",
        "What else speaks of Inngest",
        "human",
        "Documentation, scripts, containers and deployment files are not changed, only named.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="application",
        example="""
docker run -p 8288:8288 inngest/inngest    // in a README, not changed
""",
    ),
    Trap(
        "MIG469",
        "Parts of the context",
        "human",
        "The runtime's context has event, events, step, runId, attempt, maxAttempts, logger, and error in an `onFailure`.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
async ({ event, step, group }) => { … }    // `group` is not there
""",
    ),
    Trap(
        "MIG470",
        "Types of events",
        "human",
        "Known are `fromRecord`, `fromUnion`, `fromGenerated`, `fromZod` and `fromSchema` of `EventSchemas`, written in "
        "the client's options.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
schemas: new EventSchemas().fromRecord<Events>()    // known
schemas: loadSchemas()                              // not known
""",
    ),
    Trap(
        "MIG471",
        "Steps that race",
        "human",
        "The runtime wakes a sleep and tries a failed step again once no other step of the job is running, so who comes "
        "first in a `Promise.race` may be another than on Inngest. Give the step a limit of time of its own.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
await Promise.race([step.run("a", a), step.sleep("limit", "1m")]);
""",
    ),
    Trap(
        "MIG472",
        "Code that asks Inngest about runs",
        "human",
        "Inngest's API knows the runs of an event, how they went and what they gave, and can cancel them. Of jobs in a "
        "queue it knows nothing, so code that asks would wait for ever. Let the function keep its state in your "
        "database, and ask there.",
        sources=_INNGEST,
        targets=_BULLMQ,
        scope="code",
        example="""
const runs = await fetch(`https://api.inngest.com/v1/events/${id}/runs`);
const { status } = await db.imports.findUnique({ where: { id } });   // the function writes it
""",
    ),
)
