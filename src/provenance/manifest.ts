/**
 * Which files an index is made of: `NAME.manifest` beside the journal, two lines of text, the CRC32C of the second in hexadecimal and
 * a JSON object. It is written whole, after the files that it names and before those go that it names no more; so a crash at any moment leaves
 * one that is right. Files that no manifest names count as none. So does a manifest that does not hold, or of another format: the index
 * is made anew then.
 */
import { crc32c } from '../base/crc32c.ts';
import type { SideFile, SideFiles } from '../journal/side-files.ts';

const format = 1;

/** Names of index files in order, the oldest entries first. */
export async function readManifest(beside: SideFiles, name: string): Promise<readonly string[]> {
  const file = await beside.open(manifestName(name));
  if (file === undefined) return [];
  try {
    const text = await textOf(file);
    const told: unknown = text === null ? null : JSON.parse(text);
    return isManifest(told) && told.format === format ? told.files : [];
  } finally {
    await file.close();
  }
}

/** What is wrong with a manifest; `null`: nothing. */
export async function damageOfManifest(file: SideFile): Promise<string | null> {
  return (await textOf(file)) === null ? 'its checksum does not hold' : null;
}

/** What follows the checksum, where that holds. */
async function textOf(file: SideFile): Promise<string | null> {
  const bytes = await file.read(0, file.bytes);
  const text = new TextDecoder().decode(bytes);
  const [checksum, told = '', ...more] = text.split('\n');
  return more.length === 0 && checksum === checksumOf(told) ? told : null;
}

export function writeManifest(beside: SideFiles, name: string, files: readonly string[]): Promise<void> {
  const text = JSON.stringify({ format, files });
  const bytes = new TextEncoder().encode(`${checksumOf(text)}\n${text}`);
  return beside.write(
    manifestName(name),
    (async function* () {
      yield bytes;
    })(),
  );
}

export function removeManifest(beside: SideFiles, name: string): Promise<void> {
  return beside.remove(manifestName(name));
}

/** Whether a file is one of an index's, or its manifest. */
export function isOf(name: string, file: string): boolean {
  return file.startsWith(`${name}-`) || file === manifestName(name);
}

export function isManifestName(file: string): boolean {
  return file.endsWith('.manifest');
}

interface Manifest {
  readonly format: number;
  readonly files: readonly string[];
}

function isManifest(told: unknown): told is Manifest {
  if (typeof told !== 'object' || told === null || !('format' in told) || !('files' in told)) return false;
  return Array.isArray(told.files) && told.files.every((file) => typeof file === 'string');
}

function manifestName(name: string): string {
  return `${name}.manifest`;
}

function checksumOf(text: string): string {
  return crc32c(new TextEncoder().encode(text)).toString(16).padStart(8, '0');
}
