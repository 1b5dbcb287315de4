/** Whether what lies beside a journal is as it was written. A broker finds that out when it is asked for it, and does without. */
import { JournalDamage } from '../journal/journal.ts';
import type { SideFile, SideFiles } from '../journal/side-files.ts';
import { BlockCache } from './block-cache.ts';
import { FileRun, IndexDamaged } from './file-run.ts';
import { damageOfManifest, isManifestName } from './manifest.ts';
import { damageOfRetained, isRetainedName } from './retained.ts';

export interface SideDamage {
  readonly name: string;
  readonly what: string;
  /** Whether it is made again from the journal. */
  readonly isMadeAgain: boolean;
}

/** Reads all of it. */
export async function sideDamages(beside: SideFiles): Promise<readonly SideDamage[]> {
  const damages: SideDamage[] = [];
  for (const name of await beside.names()) {
    const what = await damageOf(beside, name);
    if (what !== null) damages.push({ name, what, isMadeAgain: !isRetainedName(name) });
  }
  return damages;
}

async function damageOf(beside: SideFiles, name: string): Promise<string | null> {
  if (isManifestName(name)) return looked(beside, name, damageOfManifest);
  if (isRetainedName(name)) return looked(beside, name, damageOfRetained);
  return name.startsWith('index-') ? damageOfRun(beside, name) : null;
}

async function looked(
  beside: SideFiles,
  name: string,
  look: (file: SideFile) => Promise<string | null>,
): Promise<string | null> {
  const file = await beside.open(name);
  if (file === undefined) throw new JournalDamage(`${name} went away while it was looked at`);
  try {
    return await look(file);
  } finally {
    await file.close();
  }
}

async function damageOfRun(beside: SideFiles, name: string): Promise<string | null> {
  try {
    const run = await FileRun.open(beside, name, new BlockCache());
    try {
      await run.all();
    } finally {
      await run.close();
    }
    return null;
  } catch (error) {
    if (error instanceof IndexDamaged) return error.message;
    throw error;
  }
}
