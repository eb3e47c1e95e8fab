// Publishes to itself through the npm SDK, checks every delivery with the SDK's Receiver, and prints what the SDK reads of it afterwards.
import { createServer } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { Client, Receiver } from "@upstash/qstash";

const { QSTASH_URL: baseUrl, QSTASH_TOKEN: token } = process.env;
const client = new Client({ baseUrl, token, retry: false });
const receiver = new Receiver({
  currentSigningKey: process.env.QSTASH_CURRENT_SIGNING_KEY,
  nextSigningKey: process.env.QSTASH_NEXT_SIGNING_KEY,
});
const deliveries = [];
const server = createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  const url = `http://127.0.0.1:${server.address().port}${request.url}`;
  const signature = request.headers["upstash-signature"];
  const forged = await receiver.verify({ signature, body: `${body} `, url }).catch((error) => error.name);
  const genuine = await receiver.verify({ signature, body, url });
  const retried = Number(request.headers["upstash-retried"]);
  deliveries.push({ body: JSON.parse(body), retried, genuine, forged, custom: request.headers["x-custom"] });
  response.writeHead(retried < JSON.parse(body).fail ? 500 : 200).end("answer");
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${server.address().port}/jobs?a=1`;
const options = { url, retries: 2, retryDelay: "50 * (1 + retried)", headers: { "x-custom": "yes" } };
const done = await client.publishJSON({ ...options, body: { n: 1, fail: 1 }, deduplicationId: "one", label: "first" });
const again = await client.publishJSON({ ...options, body: { n: 1, fail: 1 }, deduplicationId: "one" });
const dead = await client.publishJSON({ ...options, body: { n: 2, fail: 9 } });
const queued = await client.queue({ queueName: "q" }).enqueueJSON({ url, body: { n: 3, fail: 0 } });
const ends = ["DELIVERED", "FAILED"];
let logs = [];
while (logs.filter((log) => ends.includes(log.state)).length < 3) {
  await pause(20);
  ({ logs } = await client.logs());
}
const states = (id) => logs.filter((log) => log.messageId === id).map((log) => log.state).reverse();
const labelled = await client.logs({ filter: { label: "first" }, count: 2 });
console.log(
  JSON.stringify({
    deliveries: deliveries.sort((a, b) => a.body.n - b.body.n || a.retried - b.retried),
    same: again.messageId === done.messageId && again.deduplicated === true,
    states: [states(done.messageId), states(dead.messageId), states(queued.messageId)],
    page: { length: labelled.logs.length, more: Boolean(labelled.cursor), label: labelled.logs[0].label },
    dlq: (await client.dlq.listMessages()).messages.map((message) => [message.messageId === dead.messageId, message.responseStatus]),
  }),
);
server.close();
