/**
 * Goal: a ghost does about values that do not fit what its gate says, and the retry knows why. Method: a real broker with the schema of
 * generated messages.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  connect,
  gate,
  GateRevertedError,
  SchemaViolationError,
  schemaOf,
  SpeculationFailed,
  type Client,
} from './index.ts';
import { Broker } from './testing/broker.ts';
import { ResearchNoteNode } from './testing/gen/acme/v1/research_hyperloom.ts';

let broker: Broker;
let client: Client;

beforeAll(async () => {
  broker = await Broker.start();
  client = connect(broker.address);
  await client.schemas.register('research', schemaOf(ResearchNoteNode.message));
});

afterAll(async () => {
  client.destroy();
  await broker[Symbol.asyncDispose]();
});

const at = (note: string) => ({ session: 'gates', note });

test('a ghost goes back to its checkpoint at the first value that does not fit, and lives on', async () => {
  await using ghost = await client.ghost({ gates: [gate.schema('revert')] });
  const notes = ghost.typed(ResearchNoteNode);
  await notes.put(at('kept'), { claim: 'kept' });
  await ghost.checkpoint('kept');
  await notes.put(at('lost'), { claim: 'lost' });
  const refused: unknown = await notes.put(at('bad'), { confidence: 7 }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(GateRevertedError);
  expect(refused).toMatchObject({ ghostId: ghost.id, metadata: { checkpoint: 'kept', state: 'live' } });
  expect((refused as GateRevertedError).problems.map(({ field, rule }) => [field, rule])).toEqual([
    ['/gates/notes/bad#claim', 'string.min_len'],
    ['/gates/notes/bad#confidence', 'double.gte_lte'],
  ]);
  expect(ghost.over).toBe(false);
  expect(await notes.find(at('lost'))).toBeUndefined();
  await notes.put(at('right'), { claim: 'right' });
  await ghost.commit();
  expect((await client.typed(ResearchNoteNode).get(at('kept'))).value.claim).toBe('kept');
});

test('or collects them, tells them all, and is committed when they are put right', async () => {
  await using ghost = await client.ghost({ gates: [gate.schema('collect')] });
  const notes = ghost.typed(ResearchNoteNode);
  await notes.put(at('collected'), { confidence: 7 });
  expect((await ghost.state()).gates).toMatchObject([
    {
      gate: { kind: 'schema', onViolation: 'collect' },
      state: 'closed',
      violations: [
        { path: '/gates/notes/collected', field: 'claim', rule: 'string.min_len' },
        { path: '/gates/notes/collected', field: 'confidence', rule: 'double.gte_lte' },
      ],
    },
  ]);
  await expect(ghost.commit()).rejects.toThrow(SchemaViolationError);
  await notes.put(at('collected'), { claim: 'put right' });
  expect((await ghost.state()).gates).toMatchObject([{ state: 'open', violations: [] }]);
  await ghost.commit();
  expect((await client.typed(ResearchNoteNode).get(at('collected'))).value.claim).toBe('put right');
});

test('a speculation is done again with what did not fit as the reason', async () => {
  const done = await client.speculate({
    gates: [gate.schema('revert')],
    work: (ghost, { number }) =>
      ghost.typed(ResearchNoteNode).put(at('speculated'), { claim: number === 1 ? '' : 'second' }),
  });
  expect(done.attempts).toBe(2);
  expect(done.reasons).toEqual([expect.stringContaining('string.min_len')]);
  expect((await client.typed(ResearchNoteNode).get(at('speculated'))).value.claim).toBe('second');
  const never = client.speculate({
    gates: [gate.schema('revert')],
    retries: 1,
    work: (ghost) => ghost.typed(ResearchNoteNode).put(at('never'), {}),
  });
  await expect(never).rejects.toThrow(SpeculationFailed);
  expect(await client.ghosts().all()).toEqual([]);
});

test('a ghost whose race has no attempt left ends with it', async () => {
  const race = { id: 'schema gates', attemptsMax: 1 };
  await using ghost = await client.ghost({ gates: [gate.schema('revert')], race });
  await expect(ghost.typed(ResearchNoteNode).put(at('raced'), {})).rejects.toThrow(GateRevertedError);
  expect(ghost.over).toBe(true);
});
