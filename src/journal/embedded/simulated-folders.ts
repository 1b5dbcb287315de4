/**
 * The names of the simulated disk: the tree that a process sees, and the one on the platter. Each change is kept until
 * its folder is synced; a crash keeps any subset of the others, each change whole (a rename never ends up half done).
 */
import type { Random } from '../../base/random.ts';
import { FileSystemError } from './file-system.ts';
import { SimulatedFile, type CrashKeeps } from './simulated-file.ts';

export type SimulatedNode = SimulatedFile | SimulatedFolder;

export class SimulatedFolder {
  names = new Map<string, SimulatedNode>();
  durableNames = new Map<string, SimulatedNode>();
}

/** `node` undefined: the name goes away. */
interface NameChange {
  readonly folder: SimulatedFolder;
  readonly name: string;
  readonly node: SimulatedNode | undefined;
}

export class SimulatedFolders {
  readonly #root = new SimulatedFolder();
  #unsynced: (readonly NameChange[])[] = [];

  find(path: string): SimulatedNode | undefined {
    let node: SimulatedNode | undefined = this.#root;
    for (const name of segmentsOf(path)) {
      if (!(node instanceof SimulatedFolder)) return undefined;
      node = node.names.get(name);
    }
    return node;
  }

  folder(path: string): SimulatedFolder {
    const node = this.find(path);
    if (node === undefined) throw new FileSystemError('ENOENT', `no such folder: ${path}`);
    if (!(node instanceof SimulatedFolder)) throw new FileSystemError('ENOTDIR', `not a folder: ${path}`);
    return node;
  }

  file(path: string): SimulatedFile {
    const node = this.find(path);
    if (node === undefined) throw new FileSystemError('ENOENT', `no such file: ${path}`);
    if (!(node instanceof SimulatedFile)) throw new FileSystemError('EISDIR', `not a file: ${path}`);
    return node;
  }

  /** Sets or removes the names of `paths`, all together or, after a crash, not at all. */
  change(paths: readonly (readonly [path: string, node: SimulatedNode | undefined])[]): void {
    const changes = paths.map(([path, node]) => {
      const segments = segmentsOf(path);
      const name = segments.pop();
      if (name === undefined) throw new FileSystemError('EINVAL', 'the root cannot be changed');
      return { folder: this.folder(segments.join('/')), name, node };
    });
    for (const { folder, name, node } of changes) put(folder.names, name, node);
    this.#unsynced.push(changes);
  }

  sync(path: string): void {
    const folder = this.folder(path);
    const isOurs = (changes: readonly NameChange[]): boolean =>
      changes.some((change) => change.folder === folder);
    this.#unsynced.filter(isOurs).forEach(makeDurable);
    this.#unsynced = this.#unsynced.filter((changes) => !isOurs(changes));
  }

  crash(keeps: CrashKeeps, random: Random): void {
    for (const changes of this.#unsynced) {
      if (keeps === 'everything' || (keeps === 'torn' && random.below(2) === 0)) makeDurable(changes);
    }
    this.#unsynced = [];
    visit(this.#root, (node) => {
      if (node instanceof SimulatedFolder) node.names = new Map(node.durableNames);
      else node.crash(keeps, random);
    });
  }

  /** Bytes of all files together. */
  storedBytes(): number {
    let total = 0;
    visit(this.#root, (node) => {
      if (node instanceof SimulatedFile) total += node.length;
    });
    return total;
  }
}

function makeDurable(changes: readonly NameChange[]): void {
  for (const { folder, name, node } of changes) put(folder.durableNames, name, node);
}

function put(names: Map<string, SimulatedNode>, name: string, node: SimulatedNode | undefined): void {
  if (node === undefined) names.delete(name);
  else names.set(name, node);
}

function visit(node: SimulatedNode, see: (node: SimulatedNode) => void): void {
  see(node);
  if (node instanceof SimulatedFolder) for (const child of node.names.values()) visit(child, see);
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}
