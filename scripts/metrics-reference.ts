/** Writes what docs/metrics.md says of each metric, from the broker's own words. A test sees to it that it was done. */
import { readFileSync, writeFileSync } from 'node:fs';

import { metricsFile, metricsReference } from './metrics-reference/page.ts';

writeFileSync(metricsFile, metricsReference(readFileSync(metricsFile, 'utf8')));
