/**
 * Forests of a data folder that were moved elsewhere. What was theirs stays, where no broker looks for a forest:
 *
 *   forests/NAME.moved/          the forest's folder as it was
 *   forests/NAME.moved/MOVED     where it went to, one line; written before the folder gets its new name, which is what counts
 */
import {
  readBytes,
  removeTree,
  temporarySuffix,
  unlinkIfThere,
  writeFully,
  type FileSystem,
} from './file-system.ts';

const movedSuffix = '.moved';
const noteName = 'MOVED';
/** A note is the address of a place. */
const noteBytesMax = 4_096;

/** Where forests of the folder `forests` went to, by name; empty where a note is missing. */
export async function movedForests(
  fileSystem: FileSystem,
  forests: string,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const name of await fileSystem.readdir(forests))
    if (name.endsWith(movedSuffix))
      found.set(name.slice(0, -movedSuffix.length), await readNote(fileSystem, `${forests}/${name}`));
  return found;
}

/** Marks a forest as moved: after a crash it is a forest or a moved one. What an earlier move has left goes. */
export async function setAside(
  fileSystem: FileSystem,
  forests: string,
  name: string,
  to: string,
): Promise<void> {
  const [folder, aside] = [`${forests}/${name}`, `${forests}/${name}${movedSuffix}`];
  const note = `${folder}/${noteName}`;
  await unlinkIfThere(fileSystem, `${note}${temporarySuffix}`);
  const file = await fileSystem.open(`${note}${temporarySuffix}`, 'create');
  try {
    await writeFully(file, new TextEncoder().encode(`${to}\n`), 0);
    await file.datasync();
  } finally {
    await file.close();
  }
  await fileSystem.rename(`${note}${temporarySuffix}`, note);
  await fileSystem.syncDirectory(folder);
  if ((await fileSystem.stat(aside)) !== undefined) await removeTree(fileSystem, aside);
  await fileSystem.rename(folder, aside);
  await fileSystem.syncDirectory(forests);
}

/** Makes a forest of a moved one again. There must be no other of its name. */
export async function putBack(fileSystem: FileSystem, forests: string, name: string): Promise<void> {
  await fileSystem.rename(`${forests}/${name}${movedSuffix}`, `${forests}/${name}`);
  await fileSystem.syncDirectory(forests);
}

/** Removes what a moved forest has left. */
export async function removeMoved(fileSystem: FileSystem, forests: string, name: string): Promise<void> {
  const aside = `${forests}/${name}${movedSuffix}`;
  if ((await fileSystem.stat(aside)) !== undefined) await removeTree(fileSystem, aside);
  await fileSystem.syncDirectory(forests);
}

async function readNote(fileSystem: FileSystem, folder: string): Promise<string> {
  const path = `${folder}/${noteName}`;
  const status = await fileSystem.stat(path);
  if (status === undefined) return '';
  const file = await fileSystem.open(path, 'read');
  try {
    const bytes = await readBytes(file, 0, Math.min(status.bytes, noteBytesMax));
    return new TextDecoder().decode(bytes).trim();
  } finally {
    await file.close();
  }
}
