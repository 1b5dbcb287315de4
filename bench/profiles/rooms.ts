/**
 * Where the time of a CPU profile went, by the rooms of the broker: the self time of each function counts for the room that its file is in.
 * What Node does for a room, and has no room of its own here, counts for the room that asked for it.
 */
import type { Profiler } from 'node:inspector';

type ProfileNode = Profiler.ProfileNode;

/** Microseconds by name, the longest first. */
export type Times = readonly (readonly [name: string, us: number])[];

/** What of a profile is told. */
export interface Profile {
  /** All that was no waiting. */
  readonly busyUs: number;
  readonly rooms: Times;
  /** Self times of functions. */
  readonly functions: Times;
}

/** The first one that fits counts: of a function, its name and the end of its file's address. */
const rooms: readonly (readonly [room: string, functions: RegExp])[] = [
  // Beside waiting for work, what the profile itself takes.
  ['waiting', /^\(idle\)| node:inspector| bench\/profiles\//],
  ['collector', /^\(garbage collector\)/],
  ['event loop', /^\(program\)|^\S* node:internal\/(timers|process\/task_queues|async_hooks|util)/],
  ['sockets', / node:(net|internal\/(stream_base_commons|streams\/.*))$/],
  ['journal', / (src\/journal\/|src\/base\/crc32c|node:fs$)/],
  ['HTTP/2 and gRPC', / src\/(transport\/h2|rpc\/http2|rpc\/h2)\//],
  ['messages by generated code', / (src\/gen\/|node_modules\/@bufbuild\/)/],
  ['services', / src\/(rpc|access|schema)\//],
  ['decoding', /^decode\S* | src\/codec\/(wire-reader|text-cache|[a-z-]*reader)/],
  ['encoding', /^encode\S* node:| src\/codec\//],
  ['state machine', / src\/(state|trie)\//],
  ['write path', / src\/sequencer\//],
  ['subscriptions', / src\/subscriptions\//],
  ['provenance', / src\/provenance\//],
  ['meters', / src\/(meters|render)\//],
];

/** The room of a function by `name file`; `undefined` where that alone does not say it. */
export function roomOf(name: string): string | undefined {
  return rooms.find(([, functions]) => functions.test(name))?.[0];
}

/** Adds up a profile. */
export function analyse({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Profile {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const selfUs = new Map<number, number>();
  for (const [index, id] of samples.entries())
    selfUs.set(id, (selfUs.get(id) ?? 0) + Math.max(0, timeDeltas[index] ?? 0));
  const [byRoom, byFunction] = [new Map<string, number>(), new Map<string, number>()];
  let busyUs = 0;
  for (const [id, us] of selfUs) {
    const room = roomAt(id, byId, parents);
    if (room === 'waiting') continue;
    busyUs += us;
    add(byRoom, room, us);
    const node = byId.get(id);
    if (node !== undefined) add(byFunction, nameOf(node), us);
  }
  return { busyUs, rooms: sorted(byRoom), functions: sorted(byFunction) };
}

function roomAt(
  id: number,
  byId: ReadonlyMap<number, ProfileNode>,
  parents: ReadonlyMap<number, number>,
): string {
  for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
    const node = byId.get(at);
    const room = node === undefined ? undefined : roomOf(nameOf(node));
    if (room !== undefined) return room;
  }
  return 'else';
}

/** Its name, and its file as a path within the checkout. */
function nameOf({ callFrame: { functionName, url } }: ProfileNode): string {
  const file = /(?:^node:.*|(?:node_modules|src|clients|bench)\/.*)/.exec(url)?.[0] ?? url;
  return `${functionName === '' ? 'anonymous' : functionName} ${file}`;
}

function add(times: Map<string, number>, name: string, us: number): void {
  times.set(name, (times.get(name) ?? 0) + us);
}

function sorted(times: ReadonlyMap<string, number>): Times {
  return [...times].sort(([, one], [, other]) => other - one);
}
