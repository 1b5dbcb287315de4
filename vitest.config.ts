import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'src/**/*.test.ts',
      'clients/typescript/**/*.test.ts',
      'clients/debugger/**/*.test.ts',
      'clients/conformance/**/*.test.ts',
      'clients/protoc-gen-hyperloom/**/*.test.ts',
      'test/**/*.test.ts',
      'bench/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    // These need programs of others: each is a step of its own in `npm test`.
    exclude: ['test/interop/**', 'test/browser/**', 'test/jetstream/**', '**/node_modules/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // By itself a poll gives up after a second, which a busy machine may need for one answer.
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
    // By itself vitest leaves a processor idle: one of two, in CI. But most tests wait for processes and timers of their own.
    maxWorkers: '100%',
  },
});
