/** Mistakes about typed state that the simulator must find. */
import type { Mutant } from './mutant.ts';

export const typedMutants: readonly Mutant[] = [
  {
    name: 'collected-is-committed',
    meets: ['typists'],
    what: 'what a ghost has collected against its schema is committed to the trunk',
    breaks: ['typed'],
    file: 'src/state/ghosts/commit.ts',
    from: 'if (schemas.isIdle || (parent !== null && onViolation(parent)',
    to: 'if (schemas.isIdle || parent === null || (onViolation(parent)',
  },
  {
    name: 'violation-reverts-nothing',
    meets: ['typists'],
    what: 'a schema gate says that it has reverted its ghost, and has not',
    breaks: ['typed'],
    file: 'src/state/ghosts/ghosts.ts',
    from: 'ghost.root = target?.root ?? ghost.base;\n  ghost.staged = target?.staged ?? null;',
    to: 'if (ghost.gates[0]?.gate.kind === "schema") return { outcome: { kind: "ghost_begun", ghostId: ghost.id }, effects: noEffects, roots: null };',
  },
  {
    name: 'migration-without-a-look',
    meets: ['typists'],
    what: 'a ghost brings a version of a schema that stored values do not fit',
    breaks: ['typed'],
    file: 'src/state/schemas/migration.ts',
    from: 'return nextVersion({ schemas, root: after, revision }, timeMs, wanted, judge, migrated);',
    to: 'return nextVersion({ schemas, root: after, revision }, timeMs, wanted, { ...judge, schema: () => null }, migrated);',
  },
  {
    name: 'mask-appends',
    meets: ['clerks'],
    what: 'a merge with a mask appends to a repeated field instead of replacing it',
    breaks: ['strictly serializable', 'subscriptions', 'typed'],
    file: 'src/state/values/amend.ts',
    from: "return { removed: raw === '' ? own : [...own, ...gone], text: raw, place };",
    to: "return { removed: raw === '' ? own : gone, text: raw, place };",
  },
  {
    name: 'field-conditions-hold',
    meets: ['clerks'],
    what: 'a condition about a field always holds',
    breaks: ['strictly serializable'],
    file: 'src/state/values/field-condition.ts',
    from: 'return holdsFor(found, condition) ? null',
    to: 'return holdsFor(found, condition) || true ? null',
  },
  {
    name: 'appends-conflict',
    meets: ['clerks'],
    what: 'appends to a repeated field conflict with one another',
    breaks: ['typed'],
    file: 'src/state/ghosts/rebase.ts',
    from: "if (!onlyAddedTo(before, now) && !patchStands(before.entry, now.entry, operation))\n        add(operation.path, 'value', 'others have changed what the ghost appends to');",
    to: "if (!sameValue(before, now))\n        add(operation.path, 'value', 'others have changed what the ghost appends to');",
  },
];
