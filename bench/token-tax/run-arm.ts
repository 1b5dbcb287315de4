/** Plays plays through one arm, and adds up what that costs. */
import { create } from '@bufbuild/protobuf';
import { type Client, createClient } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';

import { ContextService } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { OperationSchema } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import type { Tokenizer } from '../../src/render/tokenizer.ts';
import type { ArmKind, Given } from './arms.ts';
import type { Play, Write } from './play.ts';
import { Pieces, Provider, tokensIn } from './prompt.ts';
import type { Bill } from './prompt.ts';

/** The sums of all plays, on a broker that is up. */
export async function runArm(
  kind: ArmKind,
  plays: readonly Play[],
  address: string,
  tokenizer: Tokenizer,
): Promise<Bill> {
  const baseUrl = `http://${address}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  const transport = createGrpcTransport({ baseUrl, sessionManager, readMaxBytes: 128 * 1024 * 1024 });
  const context = createClient(ContextService, transport);
  const bill = { bytes: 0, tokens: 0, price: 0, cachedPrice: 0, state: 0, unseen: 0 };
  try {
    for (const play of plays) await runPlay(kind, play, context, tokenizer, bill);
  } finally {
    sessionManager.abort();
  }
  return bill;
}

async function runPlay(
  kind: ArmKind,
  play: Play,
  context: Client<typeof ContextService>,
  tokenizer: Tokenizer,
  bill: Bill,
): Promise<void> {
  const pieces = new Pieces(tokenizer);
  const provider = new Provider();
  const state = new Map<string, { revision: number; tokens: number }>();
  const publish = async (author: string, writes: readonly Write[]): Promise<void> => {
    const operations = writes.map(({ path, text }) =>
      create(OperationSchema, {
        path: `/${play.tree}/${path}`,
        action: { case: 'put', value: { kind: { case: 'text', value: text } } },
      }),
    );
    const { revision } = await context.publish({ author, operations });
    for (const { path, text } of writes)
      state.set(path, { revision: Number(revision), tokens: pieces.of(text).tokens });
  };
  const newest = (agent: string): number => {
    const patterns = play.follows(agent);
    const followed = [...state].filter(([path]) => patterns.some((pattern) => follows(pattern, path)));
    return Math.max(0, ...followed.map(([, { revision }]) => revision));
  };
  await publish('setup', play.begin);
  const arm = kind({ context, play, pieces, newest });
  try {
    for (const turn of play.turns) {
      const given = await arm.give(turn);
      provider.charge(bill, turn.agent, given.prompt);
      bill.tokens += tokensIn(given.handed);
      bill.bytes += given.handed.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
      for (const [path, { tokens }] of state) {
        bill.state += tokens;
        if (!isSeen(given.seen, path)) bill.unseen += tokens;
      }
      if (given.seen !== null && 'unseenTokens' in given.seen) bill.unseen += given.seen.unseenTokens;
      if (turn.write !== null) await publish(turn.agent, [turn.write]);
    }
  } finally {
    arm.close();
  }
}

function isSeen(seen: Given['seen'], path: string): boolean {
  return seen === null || 'unseenTokens' in seen || seen.has(path);
}

/** The two kinds of patterns that plays have: a path, and all below one. */
function follows(pattern: string, path: string): boolean {
  return pattern.endsWith('/**') ? path.startsWith(pattern.slice(0, -2)) : pattern === path;
}
