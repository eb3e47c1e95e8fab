"""Libraries by which code asks a database: how their calls are written, and what each does to rows. From their documentation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal as OneOf

import msgspec

#: what a call does: `asks` reads rows, `opens` begins or ends a transaction
Doing = OneOf["asks", "adds", "changes", "removes", "opens"]


class Library(msgspec.Struct, frozen=True, kw_only=True):
    """A library. `receiver`: pattern of what its methods are called on, as written; `methods`: name -> what a call does.

    `packages` are npm packages or normalised PyPI names: without one of them in a manifest no call is this library's.
    """

    name: str
    packages: tuple[str, ...]
    receiver: str
    methods: Mapping[str, Doing]
    argument: str = ""  #: pattern that the arguments begin with, where the name of a method does not tell
    alone: frozenset[str] = frozenset()  #: methods whose names tell, whatever they are handed
    models: bool = False  #: the receiver is a class; any class may look so, which is why it has to be one of the library's models
    python: bool = False


def _doing(asks: str = "", adds: str = "", changes: str = "", removes: str = "") -> dict[str, Doing]:
    return {
        **dict.fromkeys(asks.split(), "asks"),
        **dict.fromkeys(adds.split(), "adds"),
        **dict.fromkeys(changes.split(), "changes"),
        **dict.fromkeys(removes.split(), "removes"),
    }


LIBRARIES = (
    Library(
        name="Prisma",
        packages=("@prisma/client", "prisma"),
        receiver=r"\.\w+$",
        methods=_doing(
            "findUnique findUniqueOrThrow findFirst findFirstOrThrow findMany aggregate groupBy count",
            "create createMany createManyAndReturn",
            "update updateMany updateManyAndReturn upsert",
            "delete deleteMany",
        ),
        argument=r"\{[^}]*?\b(?:where|data|select|include|by|_\w+|orderBy|take)\b",
        alone=frozenset(
            ("findUnique", "findUniqueOrThrow", "findFirst", "findFirstOrThrow", "findMany", "createMany", "updateMany", "deleteMany")
        ),
    ),
    Library(
        name="Drizzle",
        packages=("drizzle-orm",),
        receiver=r"(?:^|\.)(?:db|database|tx|trx|drizzle)\w*$",
        methods=_doing("select selectDistinct", "insert", "update", "delete"),
    ),
    Library(name="Drizzle", packages=("drizzle-orm",), receiver=r"\.query\.\w+$", methods=_doing("findFirst findMany")),
    Library(
        name="Kysely",
        packages=("kysely",),
        receiver=r"(?:^|\.)\w+$",
        methods=_doing("selectFrom", "insertInto", "updateTable", "deleteFrom"),
    ),
    Library(
        name="TypeORM",
        packages=("typeorm",),
        receiver=r"(?i:repo|repository|manager)$|getRepository\([^()]*\)$",
        methods=_doing(
            "find findBy findOne findOneBy findOneOrFail findOneByOrFail findAndCount count countBy exists",
            "insert",
            "save update upsert increment decrement",
            "delete remove softDelete",
        ),
    ),
    Library(
        name="Sequelize",
        packages=("sequelize", "sequelize-typescript"),
        receiver=r"(?:^|\.)[A-Z]\w+$",
        models=True,
        methods=_doing("findOne findAll findByPk findAndCountAll", "create bulkCreate", "update upsert", "destroy"),
    ),
    Library(
        name="Mongoose",
        packages=("mongoose",),
        receiver=r"(?:^|\.)[A-Z]\w+$",
        models=True,
        methods=_doing(
            "find findOne findById countDocuments aggregate",
            "create insertMany",
            "findByIdAndUpdate findOneAndUpdate updateOne updateMany",
            "deleteOne deleteMany findByIdAndDelete findOneAndDelete",
        ),
    ),
    Library(
        name="Django",
        packages=("django",),
        receiver=r"(?:^|\.)[A-Z]\w*\.(?:_default_manager|_base_manager|objects)\b.*$",
        methods=_doing(
            "get aget first afirst last exists aexists count acount aggregate earliest latest in_bulk",
            "create acreate get_or_create aget_or_create",
            "update aupdate update_or_create",
            "delete adelete",
        ),
        python=True,
    ),
    Library(
        name="SQLAlchemy",
        packages=("sqlalchemy", "flask-sqlalchemy", "sqlmodel"),
        receiver=r"(?i:(?:^|[._])(?:db_?)?session)$",
        # What `add` and `delete` are handed waits for the next `flush`.
        methods=_doing("execute scalar scalars query get exec", "", "merge"),
        python=True,
    ),
)
#: methods that take SQL as text
SQL_METHODS = frozenset(
    ("query", "execute", "fetch", "fetchrow", "fetchval", "executemany", "$queryRawUnsafe", "$executeRawUnsafe", "unsafe")
)
#: tags of templates that are SQL
SQL_TAGS = frozenset(("sql", "$queryRaw", "$executeRaw"))
#: what a statement begins with -> what it does
SQL_WORDS: Mapping[str, Doing] = {
    "select": "asks",
    "with": "asks",
    "insert": "adds",
    "update": "changes",
    "delete": "removes",
    "begin": "opens",
    "start": "opens",
    "commit": "opens",
    "rollback": "opens",
}
#: methods that run the function they are handed, or the list of calls, in one transaction
TRANSACTIONS = frozenset(("$transaction", "transaction", "withTransaction", "inTransaction", "runInTransaction", "begin"))
#: names of the client that such a function is handed
CLIENTS_IN_TRANSACTIONS = frozenset(("tx", "trx", "txn", "transaction", "queryRunner", "transactionalEntityManager"))
#: what is called to make a client of a server, by its key -> what it is a client of. Each of them holds connections of its own
CLIENTS: Mapping[str, str] = {
    "@prisma/client.PrismaClient": "a database",
    **dict.fromkeys(("pg.Pool", "pg.Client", "pg.default.Pool", "pg.default.Client", "pg-pool.default", "postgres.default"), "a database"),
    **dict.fromkeys(("knex.default", "knex.knex", "mysql2.createPool", "mysql2/promise.createPool"), "a database"),
    **dict.fromkeys(("mysql2/promise.createConnection", "mysql2.createConnection", "mongodb.MongoClient"), "a database"),
    **dict.fromkeys(("mongoose.createConnection", "typeorm.DataSource", "sequelize.Sequelize", "kysely.Kysely"), "a database"),
    **dict.fromkeys(("sqlalchemy.create_engine", "sqlalchemy.ext.asyncio.create_async_engine", "sqlmodel.create_engine"), "a database"),
    **dict.fromkeys(
        ("psycopg2.connect", "psycopg.connect", "psycopg_pool.ConnectionPool", "asyncpg.create_pool", "asyncpg.connect"), "a database"
    ),
    **dict.fromkeys(("pymongo.MongoClient", "motor.motor_asyncio.AsyncIOMotorClient", "pymysql.connect", "MySQLdb.connect"), "a database"),
    **dict.fromkeys(("ioredis.default", "ioredis.Redis", "ioredis.Cluster", "redis.createClient"), "Redis"),
    **dict.fromkeys(("redis.Redis", "redis.StrictRedis", "redis.from_url", "redis.Redis.from_url", "redis.StrictRedis.from_url"), "Redis"),
    **dict.fromkeys(("redis.asyncio.Redis", "redis.asyncio.from_url", "redis.asyncio.Redis.from_url"), "Redis"),
    **dict.fromkeys(("bullmq.Queue", "bullmq.QueueEvents", "bullmq.FlowProducer", "bull.default"), "a queue"),
    **dict.fromkeys(("pg-boss.default", "pg-boss.PgBoss"), "a queue"),
}
#: methods that give up what a client holds
CLOSES = frozenset(("close", "aclose", "quit", "disconnect", "$disconnect", "end", "dispose", "destroy", "release", "stop", "terminate"))


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """How a pool of connections is sized: `option` of the client's options (a path), `default` if none is given (None: by the machine)."""

    option: tuple[str, ...]
    default: int | None
    position: int = 0  #: of the options in the call
    url: str = ""  #: parameter of the address that says it as well


#: key of what makes a client -> its pool
POOLS: Mapping[str, Pool] = {
    **dict.fromkeys(("pg.Pool", "pg.default.Pool", "pg-pool.default"), Pool(option=("max",), default=10)),
    "postgres.default": Pool(option=("max",), default=10, position=1),
    **dict.fromkeys(("knex.default", "knex.knex"), Pool(option=("pool", "max"), default=10)),
    **dict.fromkeys(("mysql2.createPool", "mysql2/promise.createPool"), Pool(option=("connectionLimit",), default=10)),
    # Two for each core and one more.
    "@prisma/client.PrismaClient": Pool(option=("connectionLimit",), default=None, url="connection_limit"),
}
