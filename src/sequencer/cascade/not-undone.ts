/** What of the undone publishes stays, and why. */
import type { NotUndone } from '../../state/cascades/cascade-parts.ts';
import type { Root } from '../../state/ghosts/ghost.ts';
import { standingOf } from '../../state/values/standing.ts';
import { childrenOf } from '../../trie/iterate.ts';
import { find } from '../../trie/lookup.ts';
import { comparePaths } from '../../trie/path.ts';
import type { Footprint, Place } from './footprint.ts';

/** Children that are looked at to find out who has built on a node. */
const childrenSeenMax = 100;

/** In the order of paths. `after` is the trunk once all that can be undone is. */
export function notUndone(footprint: Footprint, after: Root): NotUndone[] {
  const left: NotUndone[] = [];
  for (const place of footprint.within([])) {
    const told = causeOf(place, after);
    if (told !== null) left.push({ path: place.path, revision: place.last, ...told });
  }
  return left.sort((a, b) => comparePaths(a.path, b.path));
}

function causeOf(place: Place, after: Root): Pick<NotUndone, 'cause' | 'overwrittenBy'> | null {
  const { path, wasThere, builtUponBy, overwrittenBy, isUnfit } = place;
  if (isUnfit) return { cause: 'schema', overwrittenBy: 0 };
  if (overwrittenBy !== 0) return { cause: 'overwritten', overwrittenBy };
  if (builtUponBy !== 0) return { cause: 'built_upon', overwrittenBy: builtUponBy };
  const { present, entry } = standingOf(after, path);
  if (wasThere || !present || entry !== null) return null;
  return { cause: 'built_upon', overwrittenBy: newestBelow(after, place) };
}

/** Who wrote below a node that is gone itself: the newest of the first children. */
function newestBelow(after: Root, { path }: Place): number {
  const node = find(after, path);
  let [newest, seen] = [0, 0];
  if (node === undefined) return 0;
  for (const { node: child } of childrenOf(node)) {
    newest = Math.max(newest, child.touched);
    seen += 1;
    if (seen >= childrenSeenMax) break;
  }
  return newest;
}
