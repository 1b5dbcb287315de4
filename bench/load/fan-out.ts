/**
 * Subscribers that only count, and one agent that publishes in bursts: ADDRESS SUBSCRIBERS EVENTS BURST. A burst is published when
 * every subscriber has got the one before. Prints `deliveries`, `perSecond` and the time from publish to each delivery as JSON.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { connect as connectHttp2 } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';

import { connect } from '../../clients/typescript/src/index.ts';
import { SubscribeRequestSchema } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { latencyMetrics } from '../harness/samples.ts';

const [address = '', ...amounts] = process.argv.slice(2);
const [subscribers = 0, events = 0, burst = 1] = amounts.map(Number);
const connections = 4;
const value = 'Found three sources that agree; the second one cites the first. '.repeat(4).slice(0, 200);

const request = toBinary(
  SubscribeRequestSchema,
  create(SubscribeRequestSchema, { patterns: ['/session_1/**'], start: { case: 'snapshot', value: {} } }),
);
const requestFrame = Buffer.concat([Buffer.from([0, 0, 0, 0, request.length]), request]);
/** Tags of `SubscribeResponse`: field numbers 2 and 3, each with a length. */
const eventTag = 0x12;
const bookmarkTag = 0x1a;

let delivered = 0;
let onDelivered: (() => void) | undefined;
const latenciesUs: number[] = [];
let publishedAt = 0;

function note(tag: number): void {
  if (tag !== eventTag) return;
  delivered += 1;
  if (delivered % 16 === 0) latenciesUs.push((performance.now() - publishedAt) * 1_000);
  if (delivered === wanted) onDelivered?.();
}

let wanted = 0;

/** Opens one subscription; resolves with its first bookmark, when its snapshot is complete. */
function subscribe(session: ClientHttp2Session): Promise<void> {
  const path = '/hyperloom.v1.ContextService/Subscribe';
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  let rest: Buffer = Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    stream.on('error', reject);
    stream.on('data', (chunk: Buffer) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      while (at + 5 <= bytes.length) {
        const end = at + 5 + bytes.readUInt32BE(at + 1);
        if (end > bytes.length) break;
        const tag = bytes[at + 5] ?? 0;
        if (tag === bookmarkTag) resolve();
        note(tag);
        at = end;
      }
      rest = bytes.subarray(at);
    });
    stream.on('end', () => reject(new Error('a subscription ended')));
    stream.end(requestFrame);
  });
}

const sessions = Array.from({ length: connections }, () => connectHttp2(`http://${address}`));
const opened = Array.from({ length: subscribers }, (_, index) => sessions[index % connections]);
await Promise.all(opened.map((session) => (session === undefined ? Promise.resolve() : subscribe(session))));

const client = connect(address, { author: 'bench', trackBasis: false });
const start = performance.now();
for (let published = 0; published < events; published += burst) {
  const all = new Promise<void>((resolve) => {
    onDelivered = resolve;
  });
  wanted = delivered + burst * subscribers;
  publishedAt = performance.now();
  for (let index = 0; index < burst; index += 1) {
    client.put(`/session_1/agent_7/memory/note_${index}`, value).catch((error: unknown) => {
      throw error;
    });
  }
  await all;
}
const seconds = (performance.now() - start) / 1_000;
console.log(
  JSON.stringify({ deliveries: delivered, perSecond: delivered / seconds, ...latencyMetrics(latenciesUs) }),
);
process.exit(0);
