/** Which room may import which: the drawing in ARCHITECTURE.md, made checkable. */
import type { Source } from './sources.ts';

/** Rooms directly below each room. What is below those may be imported too. */
const below: Readonly<Record<string, readonly string[]>> = {
  'src/base': [],
  // The HTTP/2 engine: a package of its own, which may be used without the rest.
  'src/transport/h2': [],
  'src/gen': [],
  'src/trie': ['src/base'],
  'src/state': ['src/trie'],
  'src/access': ['src/state'],
  'src/journal': ['src/base'],
  'src/tracing': ['src/base'],
  'src/meters': ['src/state'],
  'src/codec': ['src/gen', 'src/state'],
  'src/subscriptions': ['src/state'],
  'src/provenance': ['src/journal', 'src/codec', 'src/subscriptions'],
  'src/sequencer': ['src/provenance', 'src/meters', 'src/tracing'],
  'src/schema': ['src/gen', 'src/state'],
  'src/render': ['src/state'],
  'src/rpc': ['src/sequencer', 'src/schema', 'src/render', 'src/transport/h2', 'src/access'],
  // Data folders that no broker works on. What goes wrong is told as the commands do.
  'src/inspection': ['src/rpc', 'src/cli'],
  // Forests on their way between data folders and NATS. The same holds for these.
  'src/moving': ['src/rpc', 'src/cli'],
  'src/cli': ['src/base', 'clients/typescript'],
  'src/mcp': ['src/base', 'clients/typescript'],
  // The files directly in src: they wire everything together.
  'src/*.ts': ['src/rpc', 'src/cli', 'src/mcp', 'src/inspection', 'src/moving'],
  'clients/typescript': [],
  // The client is a package to it.
  'clients/langgraph/src': [],
  'clients/openai-agents/src': [],
  'clients/vercel-ai/src': [],
  'clients/ag-ui/src': [],
  // The debugger's model needs neither React nor a broker; a session no React.
  'clients/debugger/src/model': ['clients/typescript'],
  'clients/debugger/src/session': ['clients/debugger/src/model'],
  'clients/debugger/src/view': ['clients/debugger/src/session'],
};

/** Imports that go against the drawing, each with the reason why it may. */
const exceptions: Readonly<Record<string, string>> = {};

/** The room of a file; tests, benches and what is outside the rooms has none. */
export function roomOf(path: string): string | undefined {
  if (/\.(test|bench)\.ts$/.test(path) || path.includes('/testing/')) return undefined;
  if (/^src\/[^/]+\.ts$/.test(path)) return 'src/*.ts';
  return Object.keys(below).find((room) => path.startsWith(`${room}/`));
}

function reachable(room: string, seen = new Set<string>()): Set<string> {
  if (seen.has(room)) return seen;
  seen.add(room);
  for (const next of below[room] ?? []) reachable(next, seen);
  return seen;
}

/** Imports of a room that is not below. */
export function upwardImports(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, imports }) => {
    const room = roomOf(path);
    if (room === undefined) return [];
    const allowed = reachable(room);
    const wrong = imports.filter((target) => {
      if (!target.startsWith('src/') && !target.startsWith('clients/')) return false;
      return !allowed.has(roomOf(target) ?? '') && exceptions[`${path} → ${target}`] === undefined;
    });
    return wrong.map((target) => `${path} imports ${target}; below ${room} are: ${[...allowed].join(', ')}`);
  });
}

/** Folders of `src` that no room is drawn for. */
export function unknownRooms(sources: readonly Source[]): string[] {
  const isSource = (path: string): boolean => path.startsWith('src/') && !/\.(test|bench)\.ts$/.test(path);
  return sources.map(({ path }) => path).filter((path) => isSource(path) && roomOf(path) === undefined);
}

/** Circles of imports between files, each told once, from its first file around. */
export function importCycles(sources: readonly Source[]): string[] {
  const importsOf = new Map(sources.map(({ path, imports }) => [path, imports]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path].join(' → '));
    if (start >= 0 || done.has(path)) return;
    for (const target of importsOf.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const { path } of sources) visit(path, []);
  return cycles;
}
