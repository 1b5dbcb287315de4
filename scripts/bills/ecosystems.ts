/** All languages that something is published for. */
import type { Ecosystem } from './bill.ts';
import { goEcosystem } from './go.ts';
import { javaEcosystem } from './java.ts';
import { npmEcosystem } from './npm.ts';
import { pythonEcosystem } from './python.ts';
import { rustEcosystem } from './rust.ts';

/** See above. */
export const ecosystems: readonly Ecosystem[] = [
  npmEcosystem,
  pythonEcosystem,
  goEcosystem,
  javaEcosystem,
  rustEcosystem,
];
