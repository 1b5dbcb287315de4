/** What the research finds: this demo's stand-in for tickets and measuring devices, the same for both languages. */
import { readFileSync } from 'node:fs';
import type { Finding, Measurements } from './records.ts';

/** A finding as it is in the file. */
export interface Source extends Finding {
  readonly evidence: string;
  /** Only known after the go. */
  readonly late?: boolean;
}

/** Reads the file. */
export function readMaterial(): {
  readonly findings: readonly Source[];
  readonly measurements: Measurements;
} {
  const text = readFileSync(new URL('../material.json', import.meta.url), 'utf8');
  return JSON.parse(text) as ReturnType<typeof readMaterial>;
}
