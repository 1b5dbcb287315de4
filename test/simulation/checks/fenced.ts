/** 6: nobody else writes below what is locked, tokens only grow, and locks that do not go together are not held together. */
import type { HoldMode, HoldRecord } from '../history.ts';
import { isBelow } from '../model.ts';
import type { Scene } from './scene.ts';

export function checkFenced(scene: Scene): void {
  checkTenures(scene);
  const { holds } = scene.forest;
  for (const [index, one] of holds.entries()) {
    checkNobodyWrites(scene, one);
    for (const other of holds.slice(index + 1)) checkPair(scene, one, other);
  }
}

/** Between two writes of one holder nobody else writes there; and a later token's writes come after an earlier one's. */
function checkTenures({ forest, story, expect }: Scene): void {
  const { tenures } = forest;
  const fenceOf = new Map(
    tenures.flatMap((tenure) => [...tenure.requestIds].map((id) => [id, tenure] as const)),
  );
  for (const path of new Set(tenures.map((tenure) => tenure.path))) {
    const writes = story.events.filter(({ changes }) => changes.some((change) => isBelow(change.path, path)));
    let newest = 0n;
    for (const [index, { requestId, revision }] of writes.entries()) {
      const tenure = fenceOf.get(requestId);
      if (tenure === undefined) continue;
      const { client, fencingToken } = tenure;
      const token = newest;
      expect(
        fencingToken >= token,
        () => `${client} wrote revision ${revision} at ${path} with token ${fencingToken}, after ${token}`,
      );
      newest = fencingToken > newest ? fencingToken : newest;
      const last = writes.slice(0, index).findLastIndex((each) => fenceOf.get(each.requestId) === tenure);
      const intruder = last < 0 ? undefined : writes.slice(last + 1, index)[0];
      expect(
        intruder === undefined,
        () =>
          `${intruder?.requestId} wrote revision ${intruder?.revision} at ${path} between two writes of ${client}, who held it`,
      );
    }
  }
}

/** While a lock is held for certain, every write below it that took effect in that time is its owner's. */
function checkNobodyWrites({ forest, expect }: Scene, hold: HoldRecord): void {
  const own = new Set(
    forest.holds
      .filter(({ leaseId }) => leaseId === hold.leaseId)
      .flatMap(({ requestIds }) => [...requestIds]),
  );
  for (const { requestId, revision, invokedMs, completedMs, operations } of forest.writes) {
    if (revision === 0 || own.has(requestId)) continue;
    const isBetween = invokedMs >= hold.fromMs && completedMs <= hold.untilMs;
    const touched = operations.find(({ path = '' }) =>
      hold.targets.some((target) => isBelow(path, target.path)),
    );
    if (!isBetween || touched === undefined) continue;
    expect(
      false,
      () =>
        `${requestId} wrote ${touched.path} at revision ${revision} while ${hold.client} held ${inWords(hold)}`,
    );
  }
  expect(true, () => '');
}

function checkPair({ expect }: Scene, one: HoldRecord, other: HoldRecord): void {
  if (one.leaseId === other.leaseId) return;
  const [first, second] = one.fromMs <= other.fromMs ? [one, other] : [other, one];
  if (first.fromMs < second.invokedMs)
    expect(
      first.fencingToken < second.fencingToken,
      () => `${inWords(second)} came after ${inWords(first)}, and has the token ${second.fencingToken}`,
    );
  const clashes = one.targets.some((a) => other.targets.some((b) => !goTogether(a, b)));
  if (!clashes) return;
  // The delay keeps others out after an owner who vanished; who was granted before is told so later.
  const untilMs = Math.min(first.untilMs, second.untilMs);
  const isKeptQuiet = second.invokedMs > first.fromMs && second.fromMs < first.untilMs + first.delayMs;
  const isTogether = second.fromMs < untilMs;
  expect(
    !isTogether && !isKeptQuiet,
    () =>
      `${first.client} held ${inWords(first)} from ${first.fromMs} to ${first.untilMs}, and ${second.client} ${inWords(second)} from ${second.fromMs}`,
  );
}

/** Gray's matrix, for the locks of two owners. */
function goTogether(
  one: { readonly path: string; readonly mode: HoldMode },
  other: { readonly path: string; readonly mode: HoldMode },
): boolean {
  if (one.path === other.path) return one.mode === 'S' && other.mode === 'S';
  if (isBelow(other.path, one.path)) return besideIntent(one.mode, other.mode);
  return !isBelow(one.path, other.path) || besideIntent(other.mode, one.mode);
}

/** A lock beside what a lock further down means for its node. */
function besideIntent(mode: HoldMode, lower: HoldMode): boolean {
  return mode !== 'X' && lower === 'S';
}

function inWords({ targets, fencingToken }: HoldRecord): string {
  return `${targets.map(({ path, mode }) => `${mode} on ${path}`).join(' and ')} (token ${fencingToken})`;
}
