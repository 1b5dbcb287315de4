#!/usr/bin/env node
// In a checkout the sources run as they are; an installed package has what was built from them.
import { existsSync } from 'node:fs';

const sources = new URL('../src/main.ts', import.meta.url);
await import((existsSync(sources) ? sources : new URL('../dist/main.js', import.meta.url)).href);
