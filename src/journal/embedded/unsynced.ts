/** Files that are made anew at each start. What a crash of the machine takes of them nobody misses, so nothing waits for the disk. */
import type { File, FileSystem } from './file-system.ts';

/** `fileSystem`, but that nothing below `folder` is ever synced. What is written survives a crash of the process, as everywhere. */
export function unsyncedBelow(folder: string, fileSystem: FileSystem): FileSystem {
  const isBelow = (path: string): boolean => path === folder || path.startsWith(`${folder}/`);
  return {
    open: async (path, mode) => {
      if (!isBelow(path)) return fileSystem.open(path, mode);
      return unsynced(await fileSystem.open(path, mode === 'durable' ? 'write' : mode));
    },
    syncDirectory: (path) => (isBelow(path) ? Promise.resolve() : fileSystem.syncDirectory(path)),
    rename: (from, to) => fileSystem.rename(from, to),
    unlink: (path) => fileSystem.unlink(path),
    readdir: (path) => fileSystem.readdir(path),
    mkdir: (path) => fileSystem.mkdir(path),
    rmdir: (path) => fileSystem.rmdir(path),
    stat: (path) => fileSystem.stat(path),
    freeBytes: (path) => fileSystem.freeBytes(path),
    lock: (path) => fileSystem.lock(path),
  };
}

function unsynced(file: File): File {
  return {
    readAt: (target, offset) => file.readAt(target, offset),
    writeAt: (source, offset) => file.writeAt(source, offset),
    datasync: () => Promise.resolve(),
    close: () => file.close(),
  };
}
