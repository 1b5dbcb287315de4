/**
 * Writes a conversation of both languages, and its nodes, as a file of `test/corpus`: `node --import ./test/support/resolve.ts
 * test/support/record-thread.ts > test/corpus/NAME.json`. For a new version of the layout; a file that is there is never made anew.
 */
import { Bench } from './broker.ts';
import { nodesBelow, type RecordedThread } from './recorded-thread.ts';
import { talkHere, talkInPython } from './talks.ts';

await using bench = await Bench.start();
const long = (words: string): string => `${words} ${'and so on, with ümlauts, '.repeat(20)}`;
await talkHere(bench, long('one'), 'first');
await talkInPython(bench.broker.address, 'two', long('second'));
await talkHere(bench, long('one'), long('third'));
const { said, checkpoints } = await talkInPython(bench.broker.address, 'four', 'fourth');
const nodes = await nodesBelow(bench.client, '/shared/langgraph');
const recorded: RecordedThread = { said, checkpoints, nodes };
process.stdout.write(`${JSON.stringify(recorded, null, 1)}\n`);
