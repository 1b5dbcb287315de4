/** Where the programs are that the demo starts: sources in a checkout, JavaScript in the package, one folder deeper. */
import { fileURLToPath } from 'node:url';

const isBuilt = import.meta.url.endsWith('.js');

/** The command line itself. */
export const launcher = at(isBuilt ? '../../../bin/hyperloom.js' : '../../bin/hyperloom.js');

/** A program of the demo's, by its path from here without its ending. */
export function program(name: string): string {
  return at(`${name}.${isBuilt ? 'js' : 'ts'}`);
}

/** An agent in Python: they are in a checkout only. */
export function pythonProgram(name: string): string {
  return at(`${name}.py`);
}

function at(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
