"""What a call does to the world outside of the process, told by its key: as data, and in a few words. What is not told is not in it."""

from __future__ import annotations

from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.bodies import Reached
from migrator.scanners.candidates.slow_calls import kind_of
from migrator.scanners.linking import Known, Place
from migrator.syntax.tree import field

_ROWS = "create|createMany|createManyAndReturn|update|updateMany|upsert|delete|deleteMany"
#: keys of calls that change rows of a database
_WRITES = regex(
    rf"@prisma/client\b.*\.(?:{_ROWS}|\$executeRaw(?:Unsafe)?)"
    r"|drizzle-orm\b.*\.(?:insert|update|delete)"
    r"|@supabase/.*\.from\(\)\.(?:insert|update|upsert|delete)"
    r"|mongoose\b.*\.(?:create|insertMany|updateOne|updateMany|deleteOne|deleteMany|findByIdAndUpdate|findOneAndUpdate|save)"
    r"|convex/browser\.ConvexHttpClient\(\)\.(?:mutation|action)|convex/nextjs\.fetch(?:Mutation|Action)"
    r"|(?:ioredis|@upstash/redis)\b.*\.(?:set|setex|del|incr|incrby|decr|hset|lpush|rpush|sadd|zadd|expire)"
)
#: keys of calls that ask another service to do something
_ASKS = regex(
    r"(?:axios|got|ky|httpx|requests)\b.*\.(?:post|put|patch|delete)|stripe\b.*\.(?:create|update|confirm|capture|cancel|del|pay)"
)
#: keys of calls that only look something up
_READS = regex(
    r"@prisma/client\b.*\.(?:find\w+|count|aggregate|groupBy|\$queryRaw(?:Unsafe)?)|drizzle-orm\b.*\.(?:select|query)\b.*"
    r"|@supabase/.*\.from\(\)\.select\b.*|mongoose\b.*\.(?:find\w*|countDocuments|aggregate|exec|lean)"
    r"|convex/browser\.ConvexHttpClient\(\)\.query|convex/nextjs\.fetchQuery|globalThis\.fetch"
)
_METHODS = ("POST", "PUT", "PATCH", "DELETE")
#: keys of calls that give another answer each time
_CLOCKS = regex(
    r"globalThis\.(?:Date\.now|performance\.now)|time\.(?:time|monotonic)|datetime\.(?:datetime|date)\.(?:now|utcnow|today)"
    r"|django\.utils\.timezone\.now"
)
_CHANCE = regex(
    r"globalThis\.(?:Math\.random|crypto\.(?:randomUUID|getRandomValues))|(?:node:)?crypto\.(?:randomUUID|randomBytes|randomInt)"
    r"|uuid\.(?:v1|v4|v7|uuid1|uuid4)|nanoid\.nanoid|@paralleldrive/cuid2\.createId|cuid\.default|ulid\.ulid|random\.\w+|secrets\.\w+"
)


def effect(call: Reached) -> str:
    """What a call changes or sends, in a few words; empty where it only reads, or where that is not known."""
    key = call.meaning.key
    if _WRITES.fullmatch(key):
        return f"`{call.written}` writes"
    if _ASKS.fullmatch(key) or (key == "globalThis.fetch" and _method(call) in _METHODS):
        return f"`{call.written}` sends a request"
    match kind_of(key, in_loop=False):
        case "mail":
            return f"`{call.written}` sends mail"
        case "model":
            return f"`{call.written}` asks a language model"
        case _:
            return ""


def reads(call: Reached) -> bool:
    """True for a call of which it is known that it changes nothing."""
    return _READS.fullmatch(call.meaning.key) is not None and not effect(call)


def varies(call: Reached) -> str:
    """`the clock` or `chance` where that is what a call asks; empty otherwise."""
    key = call.meaning.key
    if _CLOCKS.fullmatch(key) or (key == "globalThis.Date" and _is_now(call.node)):
        return "the clock"
    return "chance" if _CHANCE.fullmatch(key) else ""


def _is_now(node: Node) -> bool:
    given = field(node, "arguments")
    return node.type == "new_expression" and (given is None or not given.named_children)


def _method(call: Reached) -> str:
    options = call.arguments().get(1)
    method = call.view.evaluator.entries(options).get("method") if isinstance(options, Place) else None
    known = call.view.evaluator.meaning(method) if method is not None else None
    return str(known.value).upper() if isinstance(known, Known) else ""
