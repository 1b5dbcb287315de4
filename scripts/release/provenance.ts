/** Where a release comes from, as an in-toto statement with SLSA's provenance (https://slsa.dev/spec/v1.1/provenance). */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The commit that is released. */
export interface Source {
  readonly commit: string;
  /** Empty where it has none. */
  readonly tag: string;
  /** When it was committed, since 1970. */
  readonly seconds: number;
}

/** A file that is published. */
export interface Subject {
  readonly file: string;
  readonly sha256: string;
}

/** Files that pin what is built with. */
const locks = [
  'package-lock.json',
  ...['langgraph', 'openai-agents', 'vercel-ai', 'ag-ui'].map((name) => `clients/${name}/package-lock.json`),
  'scripts/mcp-tools/package-lock.json',
  'clients/java/pom.xml',
  'clients/rust/Cargo.lock',
];

/** SHA-256 of a file, in hexadecimal. */
export function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** The statement. `folder` is the checkout. Signing it is for others: until then anybody could have written it. */
export function provenance(build: {
  readonly source: Source;
  readonly subjects: readonly Subject[];
  readonly startedOn: Date;
  readonly folder: string;
}): object {
  const { source, subjects, startedOn, folder } = build;
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: runId } = process.env;
  const home = server !== undefined && repository !== undefined ? `${server}/${repository}` : undefined;
  const uri = `git+${home ?? 'https://hyperloom.dev/hyperloom'}`;
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subjects.map(({ file, sha256 }) => ({ name: file, digest: { sha256 } })),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        // SECURITY.md says what it means: `npm run release` at that commit.
        buildType: 'https://hyperloom.dev/build/release/v1',
        externalParameters: {
          repository: uri,
          ref: source.tag === '' ? source.commit : `refs/tags/${source.tag}`,
        },
        internalParameters: { sourceDateEpoch: source.seconds },
        resolvedDependencies: [
          { uri: `${uri}@${source.commit}`, digest: { gitCommit: source.commit } },
          ...locks.map((path) => ({ name: path, digest: { sha256: sha256Of(join(folder, path)) } })),
        ],
      },
      runDetails: {
        builder: {
          id:
            home === undefined
              ? 'https://hyperloom.dev/build/by-hand'
              : `${home}/.github/workflows/release.yml`,
          version: { node: process.version },
        },
        metadata: {
          ...(runId === undefined ? {} : { invocationId: `${home}/actions/runs/${runId}` }),
          startedOn: startedOn.toISOString(),
          finishedOn: new Date().toISOString(),
        },
      },
    },
  };
}
