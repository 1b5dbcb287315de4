/** Builds the page before any test: a broker serves what it finds at its start. */
import { prepareDebugger } from '../../scripts/debugger-build.ts';

export async function setup(): Promise<void> {
  await prepareDebugger();
}
