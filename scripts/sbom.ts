/**
 * `npm run sbom`: what the npm package is made of, as a CycloneDX document on standard output: each dependency with its version, licence and the checksum of the lock file. Without the
 * random number and the time that npm adds, so that the same sources give the same bytes.
 */
import { billOfMaterials } from './checks/supply-chain.ts';

process.stdout.write(`${JSON.stringify(await billOfMaterials(), null, 2)}\n`);
