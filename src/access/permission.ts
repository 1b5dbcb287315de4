/** What somebody may be allowed to do. */
export const permissions = ['read', 'write', 'ghost', 'lock', 'approve', 'admin'] as const;

/**
 * - `read`: see nodes, their past, and who made them
 * - `write`: change the trunk, by a publish or by the commit of a ghost
 * - `ghost`: begin ghosts and stage changes in them, which nobody else sees before somebody who may write commits them
 * - `lock`: lock subtrees, and keep others from writing there
 * - `approve`: speak for a reviewer at the gate of a ghost
 * - `admin`: operate a forest: schemas, compaction, backup, creating and deleting it. Whoever can take a backup can read everything
 */
export type Permission = (typeof permissions)[number];
