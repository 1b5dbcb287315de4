/**
 * Locks as one would write them down on paper: a list in the order of requests, and every question answered by looking at
 * all of it. Slow on purpose, and to be checked by eye against `proto/hyperloom/v1/lock.proto`.
 */
export type NaiveMode = 'is' | 'ix' | 's' | 'six' | 'x';

export interface NaiveLock {
  readonly id: string;
  readonly lease: string;
  readonly targets: readonly { readonly path: string; readonly mode: NaiveMode }[];
  readonly delayMs: number;
  state: 'waiting' | 'held' | 'delayed';
  token: number;
}

/** The matrix of the API, row by row. */
const goesWith: Readonly<Record<NaiveMode, string>> = {
  is: 'is ix s six',
  ix: 'is ix',
  s: 'is s',
  six: 'is',
  x: '',
};

export class NaiveLocks {
  /** In the order of requests. */
  locks: NaiveLock[] = [];
  /** Leases, oldest first. */
  leases: string[] = [];
  token = 0;

  /** Grants the earliest that can be granted, again and again. */
  settle(): string[] {
    const granted: string[] = [];
    for (;;) {
      const next = this.locks.find(
        (lock) => lock.state === 'waiting' && this.leasesBefore(lock).length === 0,
      );
      if (next === undefined) return granted;
      next.state = 'held';
      this.token += 1;
      next.token = this.token;
      granted.push(`${next.id} granted ${next.token}`);
    }
  }

  /** Owners that stand before a waiting lock. */
  leasesBefore(lock: NaiveLock): string[] {
    return this.locks.filter((other) => this.#standsBefore(other, lock)).map(({ lease }) => lease);
  }

  /** The holder that a write runs into, or undefined. */
  obstacle(moments: NaiveLock['targets'], lease: string): NaiveLock | undefined {
    const write: NaiveLock = { id: '', lease, targets: moments, delayMs: 0, state: 'waiting', token: 0 };
    return this.locks.find(
      (other) => other.state !== 'waiting' && other.lease !== lease && clashes(other, write).length > 0,
    );
  }

  /** Leases that wait for themselves through others. */
  circles(): string[] {
    return this.leases.filter((lease) => {
      const reached = new Set<string>();
      const visit = (at: string): void => {
        for (const lock of this.locks) {
          if (lock.lease !== at || lock.state !== 'waiting') continue;
          for (const before of this.leasesBefore(lock)) {
            if (!reached.has(before)) {
              reached.add(before);
              visit(before);
            }
          }
        }
      };
      visit(lease);
      return reached.has(lease);
    });
  }

  #standsBefore(other: NaiveLock, lock: NaiveLock): boolean {
    if (other.lease === lock.lease) return false;
    const paths = clashes(other, lock);
    if (other.state !== 'waiting') return paths.length > 0;
    return paths.some((path) => this.#comesBefore(other, lock, path));
  }

  /** Whether of two that wait and clash at a node, the first is to be served first. */
  #comesBefore(first: NaiveLock, second: NaiveLock, path: string): boolean {
    const [one, two] = [this.#heldAt(first.lease, path), this.#heldAt(second.lease, path)];
    const [oneUpgrades, twoUpgrades] = [one, two].map((modes) => modes.some((mode) => mode !== 'is'));
    if (oneUpgrades !== twoUpgrades) return oneUpgrades === true;
    // Who wants everything has to wait for an intention to read anyway.
    if (oneUpgrades !== true && two.length > 0 && marksOf(first).get(path)?.includes('x') === true)
      return false;
    return this.locks.indexOf(first) < this.locks.indexOf(second);
  }

  #heldAt(lease: string, path: string): NaiveMode[] {
    const held = this.locks.filter((lock) => lock.lease === lease && lock.state !== 'waiting');
    return held.flatMap((lock) => marksOf(lock).get(path) ?? []);
  }
}

/** Nodes at which two locks do not go together. */
function clashes(one: NaiveLock, other: NaiveLock): string[] {
  const marks = marksOf(other);
  return [...marksOf(one)].flatMap(([path, modes]) => {
    const others = marks.get(path) ?? [];
    const clash = modes.some((mode) => others.some((met) => !goesWith[mode].split(' ').includes(met)));
    return clash ? [path] : [];
  });
}

/** They never change, and every question asks for them. */
const marksByTargets = new WeakMap<NaiveLock['targets'], ReadonlyMap<string, NaiveMode[]>>();

/** The target's mode on the target, and an intention on every node above it. */
function marksOf({ targets }: Pick<NaiveLock, 'targets'>): ReadonlyMap<string, NaiveMode[]> {
  const known = marksByTargets.get(targets);
  if (known !== undefined) return known;
  const marks = new Map<string, NaiveMode[]>();
  marksByTargets.set(targets, marks);
  for (const { path, mode } of targets) {
    const parts = path === '/' ? [''] : path.split('/');
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const at = depth === 1 ? '/' : parts.slice(0, depth).join('/');
      const intention = mode === 'is' || mode === 's' ? 'is' : 'ix';
      marks.set(at, [...(marks.get(at) ?? []), depth === parts.length ? mode : intention]);
    }
  }
  return marks;
}
