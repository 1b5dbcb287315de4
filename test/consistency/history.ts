/** The lines of all processes, put together: calls with their answers, writes with their repetitions, subscriptions with their items. */
import { forests } from './record.ts';
import type { Line, Outcome, Shown, Step, Told, Wants } from './record.ts';

/** A call and what came of it. */
export interface Call<W extends Wants = Wants> {
  readonly id: string;
  readonly client: string;
  readonly wants: W;
  readonly callNs: number;
  /** `Infinity` where it was never answered. */
  readonly returnNs: number;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly revision: number;
  readonly nodes: Readonly<Record<string, Shown | null>>;
  readonly token: number;
  readonly givenId: string;
}

/** A request to publish, from when it was asked for first to the first answer that told its outcome. */
export interface Write {
  readonly client: string;
  readonly requestId: string;
  readonly steps: readonly Step[];
  readonly ifRevision: number | undefined;
  readonly tenure: string | undefined;
  readonly lease: string | undefined;
  readonly callNs: number;
  readonly returnNs: number;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly revision: number;
  /** All that was told: more than one thing is wrong. */
  readonly told: readonly string[];
}

export interface Subscription {
  readonly id: string;
  readonly client: string;
  readonly prefix: string;
  /** -1: a snapshot first. */
  readonly after: number;
  readonly items: Extract<Line, { kind: 'snapshot' | 'event' | 'bookmark' }>[];
  /** Why it ended by itself; empty where it did not. */
  broken: string;
  /** The oldest revision that it was told is left. */
  oldest: number | undefined;
}

type Type = Wants['type'];
type WantsOf<T extends Type> = Extract<Wants, { type: T }>;

export class History {
  readonly calls: readonly Call[];
  readonly writes: readonly Write[];
  readonly subscriptions: readonly Subscription[];
  readonly bugs: readonly string[];
  readonly #byId: ReadonlyMap<string, Call>;

  constructor(lines: readonly Line[]) {
    this.calls = callsOf(lines);
    this.#byId = new Map(this.calls.map((call) => [call.id, call]));
    this.writes = writesOf(this.ofType('publish'));
    this.subscriptions = subscriptionsOf(lines);
    this.bugs = lines.flatMap((line) => (line.kind === 'bug' ? [`${line.client}: ${line.what}`] : []));
  }

  /** What happened in one forest. What is not said of any counts to the first. */
  static of(forest: string, lines: readonly Line[]): History {
    const homes = new Map<string, string>();
    for (const line of lines)
      if ('client' in line && 'id' in line) homes.set(line.id, line.forest ?? forests[0]);
    const homeOf = (line: Line): string => ('id' in line && homes.get(line.id)) || forests[0];
    return new History(lines.filter((line) => homeOf(line) === forest));
  }

  /** All calls of a type, in the order in which they were made by each process. */
  ofType<T extends Type>(type: T): Call<WantsOf<T>>[] {
    return this.calls.filter((call): call is Call<WantsOf<T>> => call.wants.type === type);
  }

  call(id: string): Call | undefined {
    return this.#byId.get(id);
  }
}

function callsOf(lines: readonly Line[]): Call[] {
  const answers = new Map(
    lines.flatMap((line) => (line.kind === 'answer' ? [[line.id, line] as const] : [])),
  );
  return lines.flatMap((line) => {
    if (line.kind !== 'call') return [];
    const { id, client, ns, wants } = line;
    const answer = answers.get(id);
    const {
      outcome = 'unknown',
      reason = 'no answer',
      revision = 0,
      nodes = {},
      token = 0,
      givenId = '',
    } = answer ?? {};
    const returnNs = answer?.ns ?? Infinity;
    return [{ id, client, wants, callNs: ns, returnNs, outcome, reason, revision, nodes, token, givenId }];
  });
}

function writesOf(calls: readonly Call<WantsOf<'publish'>>[]): Write[] {
  const byRequest = Map.groupBy(calls, ({ wants }) => wants.requestId);
  return Array.from(byRequest.values(), (attempts) => {
    const known = attempts.filter(({ outcome }) => outcome !== 'unknown');
    known.sort((a, b) => a.returnNs - b.returnNs);
    const [first] = attempts;
    const [decisive] = known;
    if (first === undefined) throw new Error('a group of none');
    const { steps, requestId, ifRevision, tenure, lease } = first.wants;
    const told = known.map(({ outcome, revision, reason }) =>
      outcome === 'ok' ? `revision ${revision}` : reason,
    );
    return {
      client: first.client,
      requestId,
      steps,
      ifRevision,
      tenure,
      lease,
      callNs: Math.min(...attempts.map(({ callNs }) => callNs)),
      returnNs: decisive?.returnNs ?? Infinity,
      outcome: decisive?.outcome ?? 'unknown',
      reason: decisive?.reason ?? '',
      revision: decisive?.revision ?? 0,
      told: [...new Set(told)],
    };
  });
}

function subscriptionsOf(lines: readonly Line[]): Subscription[] {
  const all = new Map<string, Subscription>();
  for (const line of lines) {
    switch (line.kind) {
      case 'subscribed': {
        const { id, client, prefix, after } = line;
        all.set(id, { id, client, prefix, after, items: [], broken: '', oldest: undefined });
        break;
      }
      case 'snapshot':
      case 'event':
      case 'bookmark':
        all.get(line.id)?.items.push(line);
        break;
      case 'unsubscribed': {
        const subscription = all.get(line.id);
        if (subscription === undefined) break;
        subscription.broken = line.reason;
        subscription.oldest = line.oldest;
        break;
      }
      case 'call':
      case 'answer':
      case 'bug':
        break;
      default:
        throw new TypeError('a line of no known kind');
    }
  }
  return [...all.values()];
}

/** A change as one text, to be compared. */
export function changeText([path, action, text]: Told): string {
  return `${action} ${path} ${text}`;
}
