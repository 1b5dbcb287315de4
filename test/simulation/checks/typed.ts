/** Values that a schema is about fit it, at every revision; and what a schema gate has dropped stays so. */
import { typedPrefix } from '../agents/typist.ts';
import { below } from '../model.ts';
import type { Scene } from './scene.ts';

export function checkTyped({ forest, states, expect }: Scene): void {
  const { declared, droppedTexts } = forest;
  const inForce = declared.toSorted((one, other) => one.revision - other.revision);
  if (inForce.length === 0) return;
  let next = 0;
  let maximum = Infinity;
  for (const [revision, state] of states.entries()) {
    for (; (inForce[next]?.revision ?? Infinity) <= revision; next += 1)
      maximum = inForce[next]?.maximum ?? maximum;
    for (const [path, { text }] of below(state, typedPrefix)) {
      const { n, by } = JSON.parse(text) as { readonly n: number; readonly by: string };
      expect(n <= maximum, () => `revision ${revision} has ${n} at ${path}, where up to ${maximum} may be`);
      const what = (): string => `${by} was dropped by a schema gate, and is in revision ${revision}`;
      expect(!droppedTexts.includes(by), what);
    }
  }
}
