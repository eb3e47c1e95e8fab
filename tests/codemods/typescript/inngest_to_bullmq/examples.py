"""Whole small applications on Inngest, of the kinds that are there."""

from __future__ import annotations

#: Next.js with version 3 of the SDK: a path alias, a union of events, a barrel, a route file, onFailure, schedules
NEXT = {
    "package.json": """{
  "name": "shop",
  "private": true,
  "scripts": {
    "dev": "next dev",
    "dev:inngest": "npx inngest-cli@latest dev",
    "build": "next build"
  },
  "dependencies": {
    "inngest": "^3.40.0",
    "next": "15.1.0",
    "zod": "^3.23.0"
  },
  "devDependencies": {
    "typescript": "^5.6.0"
  }
}
""",
    ".env.example": "DATABASE_URL=postgres://localhost/shop\nINNGEST_EVENT_KEY=\nINNGEST_SIGNING_KEY=\n",
    "tsconfig.json": """{
  "compilerOptions": {
    "baseUrl": ".",
    "paths": { "@/*": ["./src/*"] },
    "strict": true,
    "target": "es2022",
    "module": "esnext",
    "moduleResolution": "bundler",
    "skipLibCheck": true,
    "noEmit": true,
    "types": ["node"]
  }
}
""",
    "src/inngest/client.ts": """import { EventSchemas, Inngest } from "inngest";

type OrderPlaced = {
  name: "order/placed";
  data: { orderId: string; total: number };
};
type OrderPaid = { name: "order/paid"; data: { orderId: string } };

// The one client of the shop.
export const inngest = new Inngest({
  id: "shop",
  schemas: new EventSchemas().fromUnion<OrderPlaced | OrderPaid>(),
});
""",
    "src/inngest/functions/order-placed.ts": """import { NonRetriableError } from "inngest";
import { mail, reserve } from "@/lib/orders";
import { inngest } from "@/inngest/client";

export const orderPlaced = inngest.createFunction(
  {
    id: "order-placed",
    retries: 2,
    concurrency: 5,
    onFailure: async ({ event, error, step }) => {
      await step.run("tell", () => mail(event.data.event.data.orderId, error.message));
    },
  },
  { event: "order/placed", if: "event.data.total > 100 && event.data.orderId != null" },
  async ({ event, step, logger }) => {
    const stock = await step.run("reserve", () => reserve(event.data.orderId));
    if (!stock) {
      throw new NonRetriableError("sold out");
    }
    await step.sleep("wait a day", "1d");
    logger.info("paid");
    await step.sendEvent("paid", { name: "order/paid", data: { orderId: event.data.orderId } });
  },
);
""",
    "src/inngest/functions/order-paid.ts": """import { inngest } from "@/inngest/client";
import { mail } from "@/lib/orders";

const options = { event: "order/paid" } as const;

export default inngest.createFunction({ id: "Order paid!", idempotency: "event.data.orderId" }, options, async ({ event }) => {
  await mail(event.data.orderId, "paid");
});
""",
    "src/inngest/functions/nightly.ts": """import { inngest } from "@/inngest/client";
import { mail } from "@/lib/orders";

export const nightly = inngest.createFunction(
  { id: "nightly", retries: 0 },
  [{ cron: "TZ=Europe/Vienna 0 3 * * *" }, { cron: "30 12 * * 1" }],
  async ({ step }) => {
    await step.run("all", () => mail("all", "nightly"));
  },
);
""",
    "src/inngest/functions/index.ts": """import { nightly } from "./nightly";
import orderPaid from "./order-paid";
import { orderPlaced } from "./order-placed";

export const functions = [orderPlaced, orderPaid, nightly];
""",
    "src/app/api/inngest/route.ts": """import { serve } from "inngest/next";
import { inngest } from "@/inngest/client";
import { functions } from "@/inngest/functions";

export const maxDuration = 300;
export const { GET, POST, PUT } = serve({ client: inngest, functions });
""",
    "src/app/actions.ts": """"use server";

import { inngest } from "@/inngest/client";

export async function place(orderId: string, total: number) {
  const { ids } = await inngest.send({ name: "order/placed", data: { orderId, total }, id: `placed-${orderId}` });
  return ids;
}
""",
    "src/lib/orders.ts": """export async function reserve(orderId: string): Promise<boolean> {
  return orderId !== "";
}

export async function mail(to: string, text: string): Promise<void> {
  console.log(to, text);
}
""",
}

#: Node with version 4 and ES modules, built by tsc: events as values, two triggers, steps at once, no semicolons
NODE = {
    "package.json": """{
  "name": "feeds",
  "type": "module",
  "scripts": {
    "build": "tsc",
    "start": "node dist/server.js"
  },
  "dependencies": {
    "inngest": "^4.0.0"
  },
  "devDependencies": {
    "typescript": "^5.9.0"
  }
}
""",
    "tsconfig.json": """{
  "compilerOptions": {
    "target": "es2022",
    "module": "nodenext",
    "rootDir": "src",
    "outDir": "dist",
    "strict": true,
    "types": ["node"],
    "skipLibCheck": true
  },
  "include": ["src"]
}
""",
    "Procfile": "web: npm start\n",
    "src/background/client.ts": """import { Inngest } from 'inngest'

export const client = new Inngest({ id: 'feeds', isDev: true })
""",
    "src/background/events.ts": """import { eventType, staticSchema } from 'inngest'

export const fetched = eventType('feed/fetched', { schema: staticSchema<{ url: string; items: number }>() })
""",
    "src/background/fetch.ts": """import { cron, RetryAfterError } from 'inngest'

import { client } from './client.js'
import { fetched } from './events.js'

export const fetchFeeds = client.createFunction(
  { id: 'fetch', triggers: [cron('0 * * * *'), { event: 'feed/refresh' }] },
  async ({ event, step }) => {
    const urls = event.name === 'feed/refresh' ? [String(event.data.url)] : ['https://a.test', 'https://b.test']
    const counts = await Promise.all(
      urls.map((url) =>
        step.run(`fetch ${url}`, async () => {
          const answer = await fetch(url)
          if (answer.status === 429) throw new RetryAfterError('slow down', answer.headers.get('retry-after') ?? '1m')
          return (await answer.text()).length
        }),
      ),
    )
    await step.sendEvent('tell', urls.map((url, index) => fetched.create({ url, items: counts[index] ?? 0 })))
    return counts
  },
)

export const store = client.createFunction({ id: 'store', triggers: [fetched], retries: 1 }, async ({ event, runId }) => {
  console.log(runId, event.data.url, event.data.items)
})
""",
    "src/server.ts": """import { createServer } from 'node:http'

import { serve } from 'inngest/node'

import { client } from './background/client.js'
import { fetchFeeds, store } from './background/fetch.js'

const server = createServer()
server.on('request', serve({ client, functions: [fetchFeeds, store] }))
await client.send({ name: 'feed/refresh', data: { url: 'https://c.test' } })
server.listen(3000)
""",
}

#: plain JavaScript with `require`
COMMONJS = {
    "package.json": """{
  "name": "old",
  "scripts": {
    "start": "node index.js"
  },
  "dependencies": {
    "express": "^4.0.0",
    "inngest": "^3.0.0"
  }
}
""",
    "lib/inngest.js": """"use strict";
const { Inngest } = require("inngest");

const inngest = new Inngest({ id: "old" });

module.exports = { inngest };
""",
    "lib/functions.js": """"use strict";
const { NonRetriableError } = require("inngest");
const { inngest } = require("./inngest");

const hello = inngest.createFunction(
  { id: "hello" },
  { event: "hello" },
  async ({ event, step }) => {
    if (!event.data.to) throw new NonRetriableError("to whom?");
    await step.run("say", () => console.log(event.data.to));
  }
);

module.exports = { hello };
""",
    "index.js": """"use strict";
const express = require("express");
const { serve } = require("inngest/express");
const { inngest } = require("./lib/inngest");
const { hello } = require("./lib/functions");

const app = express();
app.use("/api/inngest", serve({ client: inngest, functions: [hello] }));
app.post("/hello", async (req, res) => {
  await inngest.send({ name: "hello", data: { to: req.query.to } });
  res.end();
});
app.listen(3000);
""",
}

#: a workspace: the client and its functions in one package, the application in another
WORKSPACE = {
    "package.json": """{
  "name": "root",
  "private": true,
  "workspaces": ["packages/*", "apps/*"],
  "devDependencies": {
    "tsx": "4",
    "typescript": "5"
  }
}
""",
    "pnpm-workspace.yaml": "packages:\n  - apps/*\n  - packages/*\n",
    "pnpm-lock.yaml": "lockfileVersion: 9\n",
    "packages/inngest/package.json": """{
  "name": "@acme/inngest",
  "type": "module",
  "exports": { ".": "./src/index.ts", "./functions": "./src/functions/index.ts" },
  "dependencies": {
    "inngest": "^3.0.0"
  }
}
""",
    "packages/inngest/src/index.ts": 'export { inngest } from "./client";\nexport type { Events } from "./client";\n',
    "packages/inngest/src/client.ts": """import { EventSchemas, Inngest } from "inngest";

export type Events = {
  "user/created": { data: { id: string } };
};

export const inngest = new Inngest({
  id: "acme",
  schemas: new EventSchemas().fromRecord<Events>(),
});
""",
    "packages/inngest/src/functions/index.ts": 'import { userCreated } from "./user-created";\n\nexport const functions = [userCreated];\n',
    "packages/inngest/src/functions/user-created.ts": """import { inngest } from "../client";

export const userCreated = inngest.createFunction({ id: "user-created" }, { event: "user/created" }, async ({ event, step }) => {
  await step.run("x", () => event.data.id);
});
""",
    "apps/web/package.json": """{
  "name": "web",
  "dependencies": {
    "@acme/inngest": "workspace:*",
    "inngest": "^3.0.0",
    "next": "15"
  }
}
""",
    "apps/web/app/api/inngest/route.ts": """import { inngest } from "@acme/inngest";
import { functions } from "@acme/inngest/functions";
import { serve } from "inngest/next";

export const { GET, POST, PUT } = serve({ client: inngest, functions });
""",
    "apps/web/app/actions.ts": """"use server";
import { inngest } from "@acme/inngest";

export async function create(id: string) {
  await inngest.send({ name: "user/created", data: { id } });
}
""",
}
