/** The ways in which an agent is given its context for a turn, each through the real broker. */
import { create } from '@bufbuild/protobuf';
import type { Client } from '@connectrpc/connect';

import {
  type ContextService,
  FromSnapshotSchema,
  type SubscribeResponse,
} from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { Value } from '../../src/gen/hyperloom/v1/node_pb.ts';
import type { Piece, Pieces } from './prompt.ts';
import type { Play, Turn } from './play.ts';

/** What an arm works with. */
export interface Stage {
  readonly context: Client<typeof ContextService>;
  readonly play: Play;
  readonly pieces: Pieces;
  /** The newest revision that changed what matches a pattern of an agent; 0 for none. */
  readonly newest: (agent: string) => number;
}

/** What an agent is given for a turn. */
export interface Given {
  /** All that it has before it. */
  readonly prompt: readonly Piece[];
  /** What of it the broker handed over now. */
  readonly handed: readonly Piece[];
  /** Paths below the tree whose newest values it has before it. `null`: all. Or how many tokens of values it has not. */
  readonly seen: ReadonlySet<string> | null | { readonly unseenTokens: number };
}

export interface Arm {
  give(turn: Turn): Promise<Given>;
  close(): void;
}

/** One way for one play. */
export type ArmKind = (stage: Stage) => Arm;

const nothing = (): void => undefined;

/** A value behind the path that it belongs to. */
function told(path: string, value: Value | undefined): string {
  const { kind } = value ?? {};
  if (kind?.case === 'text') return `${path}\n${kind.value}\n`;
  if (kind?.case === 'json') return `${path}\n${new TextDecoder().decode(kind.value)}\n`;
  return '';
}

/** All that was ever published, as events in their order: handed over anew for each turn. */
export function fullHistory({ context, play, pieces }: Stage): Arm {
  const log: Piece[] = [];
  let afterPosition = 0n;
  return {
    async give() {
      const path = `/${play.tree}`;
      let pageToken = '';
      let last = afterPosition;
      do {
        const page = await context.history({ path, afterPosition, pageSize: 1_000, pageToken });
        for (const { changes, author, position } of page.events) {
          for (const { path: at, action } of changes)
            log.push(pieces.of(`${author}: ${told(at, action.case === 'put' ? action.value : undefined)}`));
          last = position;
        }
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      afterPosition = last;
      return { prompt: [...log], handed: [...log], seen: null };
    },
    close: nothing,
  };
}

/** All that there is now: what the paper compares with. */
export function fullState({ context, play, pieces }: Stage): Arm {
  return {
    async give({ agent }) {
      const prompt: Piece[] = [];
      let pageToken = '';
      do {
        const page = await context.list({ path: `/${play.tree}`, author: agent, pageToken });
        for (const { path, value } of page.nodes)
          if (value !== undefined) prompt.push(pieces.of(told(path, value)));
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      return { prompt, handed: prompt, seen: null };
    },
    close: nothing,
  };
}

/** What it works on, read when its turn comes. Nothing is kept from turn to turn. */
export function subtreeReads({ context, play, pieces }: Stage): Arm {
  return {
    async give({ agent, needs }) {
      const paths = needs.map((path) => `/${play.tree}/${path}`);
      const { nodes } = await context.batchGet({ paths, author: agent });
      const prompt = nodes.map(({ path, value }) => pieces.of(told(path, value)));
      return { prompt, handed: prompt, seen: new Set(needs) };
    },
    close: nothing,
  };
}

/** What it follows, as it comes; all that has come stays in the prompt. */
export function subscriptions(stage: Stage): Arm {
  const abort = new AbortController();
  const followers = new Map<string, Follower>();
  return {
    async give({ agent }) {
      let follower = followers.get(agent);
      if (follower === undefined) followers.set(agent, (follower = new Follower(stage, agent, abort.signal)));
      const handed = await follower.readTo(stage.newest(agent));
      return { prompt: [...follower.prompt], handed, seen: follower.seen };
    },
    close: () => abort.abort(),
  };
}

/** One agent's subscription. */
class Follower {
  readonly prompt: Piece[] = [];
  readonly seen = new Set<string>();
  readonly #stage: Stage;
  readonly #responses: AsyncIterator<SubscribeResponse>;
  #revision = -1;

  constructor(stage: Stage, agent: string, signal: AbortSignal) {
    const { context, play } = stage;
    this.#stage = stage;
    const patterns = play.follows(agent).map((pattern) => `/${play.tree}/${pattern}`);
    const start = { case: 'snapshot', value: create(FromSnapshotSchema) } as const;
    const responses = context.subscribe({ patterns, author: agent, start }, { signal });
    this.#responses = responses[Symbol.asyncIterator]();
  }

  /** Takes what comes, up to a revision and the end of the snapshot. */
  async readTo(revision: number): Promise<readonly Piece[]> {
    const from = this.prompt.length;
    while (this.#revision < revision) {
      const { value, done } = await this.#responses.next();
      if (done === true) throw new Error('the subscription ended');
      this.#take(value);
    }
    return this.prompt.slice(from);
  }

  #take({ message }: SubscribeResponse): void {
    if (message.case === 'snapshot')
      for (const { path, value } of message.value.nodes) this.#add(path, path, value);
    if (message.case === 'event') {
      const { changes, author, revision, partsLeft } = message.value;
      for (const { path, action } of changes)
        this.#add(path, `${author}: ${path}`, action.case === 'put' ? action.value : undefined);
      if (partsLeft === 0) this.#revision = Number(revision);
    }
    if (message.case === 'bookmark')
      this.#revision = Math.max(this.#revision, Number(message.value.revision));
  }

  #add(path: string, head: string, value: Value | undefined): void {
    if (value === undefined) return;
    const { pieces, play } = this.#stage;
    this.prompt.push(pieces.of(told(head, value)));
    this.seen.add(path.slice(play.tree.length + 2));
  }
}

/** A new layout is begun where it would take less than half of the present one. */
const rebaseAt = 2;

/** A context of what it follows, that grows at its end only: what has changed is asked for and added to the text. */
export function renderedContext(stage: Stage): Arm {
  return rendered(stage, (agent) => stage.play.follows(agent));
}

/** The same of everything. */
export function renderedEverything(stage: Stage): Arm {
  return rendered(stage, () => ['**']);
}

interface Layout {
  readonly prompt: readonly Piece[];
  readonly base: bigint;
  readonly revision: bigint;
  readonly isWorn: boolean;
}

function rendered(stage: Stage, follows: (agent: string) => readonly string[]): Arm {
  const layouts = new Map<string, Layout>();
  return {
    async give({ agent }) {
      const before = layouts.get(agent);
      const layout = before === undefined || before.isWorn ? undefined : before;
      const { context, play, pieces } = stage;
      const parts = follows(agent).map((pattern, index) => ({
        pattern: `/${play.tree}/${pattern}`,
        priority: -index,
      }));
      const answer = await context.renderContext({
        author: agent,
        parts,
        tokenBudget: BigInt(play.tokenBudget),
        ...(layout === undefined ? {} : { baseRevision: layout.base, sinceRevision: layout.revision }),
      });
      const handed = answer.text === '' ? [] : [pieces.of(answer.text)];
      const prompt = [...(layout?.prompt ?? []), ...handed];
      const isCut = answer.leftOut > 0n && layout !== undefined;
      const isWorn = isCut || Number(answer.layoutTokens) > rebaseAt * Number(answer.rebasedTokens);
      layouts.set(agent, { prompt, base: answer.baseRevision, revision: answer.revision, isWorn });
      const seen =
        answer.leftOut === 0n ? coveredBy(follows(agent)) : { unseenTokens: Number(answer.leftOutTokens) };
      return { prompt, handed, seen };
    },
    close: nothing,
  };
}

/** Where nothing was left out: all where everything is followed, else what was asked for by its path. */
function coveredBy(patterns: readonly string[]): Given['seen'] {
  return patterns.some((pattern) => pattern.endsWith('**')) ? null : new Set(patterns);
}
