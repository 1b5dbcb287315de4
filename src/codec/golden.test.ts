/**
 * Goal: what a released version has written stays readable, and is written in the same bytes unless the format has a new
 * number. Method: the bytes of a fixed story are kept as files. A test that fails here has changed the format: do not
 * write the files anew, but take the change back or give it a new format beside the old one.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { recordedJudge } from '../state/schemas/judge.ts';
import type { Judge } from '../state/schemas/judge.ts';
import { forestHash } from '../state/state-hash.ts';
import { cascadeStory } from './golden/cascade-story.ts';
import { gateStory } from './golden/gate-story.ts';
import { lockStory } from './golden/lock-story.ts';
import { migrationJudge, migrationStory } from './golden/migration-story.ts';
import { schemaStory, storyJudge } from './golden/schema-story.ts';
import { story } from './golden/story.ts';
import type { Command } from '../state/command.ts';
import { ItemSplitter } from './item-splitter.ts';
import { plainForest, RandomForest } from './random-forest.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import { SnapshotDecoder } from './snapshot-decoder.ts';
import { encodeSnapshot } from './snapshot-encoder.ts';
import { freezeForest } from './snapshot-source.ts';

interface Told {
  readonly name: string;
  readonly commands: readonly Command[];
  readonly file: string;
  /** Without one all fits. */
  readonly judge?: Judge;
}

const stories: readonly Told[] = [
  { name: 'cascades', commands: cascadeStory, file: 'format-1-cascades.bin' },
  { name: 'the first one', commands: story, file: 'format-1.bin' },
  { name: 'locks', commands: lockStory, file: 'format-1-locks.bin' },
  { name: 'gates', commands: gateStory, file: 'format-1-gates.bin' },
  { name: 'schemas', commands: schemaStory, file: 'format-1-schemas.bin', judge: storyJudge },
  {
    name: 'migrations',
    commands: migrationStory,
    file: 'format-1-migrations.bin',
    judge: migrationJudge,
  },
];

describe.each(stories)('the story: $name', ({ commands, file, judge }) => {
  const recordsFile = readFileSync(new URL(`golden/records-${file}`, import.meta.url));
  const snapshotFile = readFileSync(new URL(`golden/snapshot-${file}`, import.meta.url));

  test('it is told in the bytes of format 1', () => {
    const { records, snapshot } = tell(commands, judge);
    expect(records).toStrictEqual(hexOf(recordsOf(recordsFile)));
    expect(snapshot).toBe(snapshotFile.toString('hex'));
  });

  test('the records of format 1 lead to the state in the snapshot of format 1', () => {
    const replayed = new RandomForest(1);
    const records = recordsOf(recordsFile).map((bytes, index) => decodeRecord(bytes, index + 1));
    for (const { proposal, effects } of records)
      expect(replayed.apply(proposal.command, recordedJudge(effects.refusal)).effects).toStrictEqual(effects);
    const decoder = new SnapshotDecoder();
    decoder.push(snapshotFile);
    const loaded = decoder.finish();
    expect(plainForest(loaded)).toStrictEqual(plainForest(replayed.state));
    expect(forestHash(loaded)).toBe(decoder.stateHash);
    expect(records.map(({ proposal }) => proposal.command)).toStrictEqual(commands);
  });
});

function tell(
  commands: readonly Command[],
  judge: Judge | undefined,
): { records: string[]; snapshot: string } {
  const forest = new RandomForest(1);
  const records = commands.map((command) => {
    const { effects } = forest.apply(command, judge);
    const { position, timeMs } = forest.state;
    return Buffer.from(encodeRecord({ position, timeMs, command }, effects)).toString('hex');
  });
  const chunks = encodeSnapshot(freezeForest(forest.state), forestHash(forest.state));
  return { records, snapshot: Buffer.concat([...chunks]).toString('hex') };
}

/** The records of a file, in which each stands behind its length as a varint. */
function recordsOf(bytes: Uint8Array): Uint8Array[] {
  const records: Uint8Array[] = [];
  new ItemSplitter(1e6, (all, start, end) => records.push(all.slice(start, end))).push(bytes);
  return records;
}

function hexOf(all: readonly Uint8Array[]): string[] {
  return all.map((bytes) => Buffer.from(bytes).toString('hex'));
}
