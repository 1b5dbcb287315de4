/** What of a publish goes into making its record: encoding, the copy into the batch, checksums; and what other ways of doing so would save. */
import { WireWriter } from '../../src/codec/wire-writer.ts';
import { encodeRecord } from '../../src/codec/record.ts';
import { Batch } from '../../src/journal/embedded/batch.ts';
import type { Proposal } from '../../src/state/command.ts';
import { noEffects } from '../../src/state/describe.ts';
import { local } from '../harness/case.ts';
import type { Case, Context, Subject } from '../harness/case.ts';
import { publishOf, putText } from '../harness/forest.ts';

const text = 'Found three sources that agree; the second one cites the first. '.repeat(4).slice(0, 200);
const utf8 = new TextEncoder().encode(text);
const effects = { ...noEffects, revision: 123_456 };
const proposals = Array.from({ length: 1_000 }, (_, index) => proposalOf(index));
/** As many records as a busy batch has. */
const batchRecords = 500;
const batchBytes = 256 * 1024;

function proposalOf(index: number): Proposal {
  const path = [`session_${index}`, `agent_${index % 7}`, 'memory', `note_${index}`];
  return {
    position: index + 1,
    timeMs: 1_700_000_000_000 + index,
    command: publishOf([putText(path, text)]),
  };
}

/** CPU time of one of many, each given a number. */
function subject(name: string, prepare: () => (index: number) => void): Subject {
  return local(name, (context: Context) => {
    const step = prepare();
    const count = context.size(2_000_000, 2_000);
    return () => {
      const before = process.cpuUsage();
      for (let index = 0; index < count; index += 1) step(index);
      const { user, system } = process.cpuUsage(before);
      return { cpuUs: (user + system) / count };
    };
  });
}

function recordOf(index: number): Uint8Array {
  return encodeRecord(proposals[index % proposals.length] as Proposal, effects);
}

function appending(payloadOf: (index: number) => Uint8Array): (index: number) => void {
  const buffer = new Uint8Array(batchBytes);
  let batch = new Batch(1, 1, buffer);
  return (index) => {
    if (index % batchRecords === 0) batch = new Batch(index + 1, 1, buffer);
    batch.append(payloadOf(index));
  };
}

/** See above. */
export const recordCases: readonly Case[] = [
  {
    name: 'journal/record',
    about:
      'Making the record of a put of 200 bytes: as it is done, and its parts alone. The value’s bytes out of its string, as they are written, or out of the request that brought them.',
    subjects: [
      subject('encoded into the batch', () => appending(recordOf)),
      subject('encoding', () => recordOf),
      subject('copy and checksums', () => {
        const record = recordOf(0).slice();
        return appending(() => record);
      }),
      subject('copy', () => {
        const [record, buffer] = [recordOf(0).slice(), new Uint8Array(batchBytes)];
        return (index) => buffer.set(record, (index % batchRecords) * record.length);
      }),
      subject('the value out of its string', () => {
        const writer = new WireWriter();
        return () => {
          writer.reset();
          writer.textAlways(2, text);
        };
      }),
      subject('the value out of the request', () => {
        const writer = new WireWriter();
        return () => {
          writer.reset();
          writer.bytesAlways(2, utf8);
        };
      }),
    ],
    figures: [],
    rounds: 5,
  },
];
