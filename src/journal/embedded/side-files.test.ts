/** Goal: what is written beside the journal survives the loss of power. Method: a simulated disk that drops all that was not synced. */
import { expect, test } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { errorCode } from './file-system.ts';
import { EmbeddedSideFiles } from './side-files.ts';
import { SimulatedFileSystem } from './simulated-file-system.ts';

async function* text(content: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(content);
}

test('a file survives though the first try to make its folder failed before the folder was durable, or died there', async () => {
  for (const isNewProcess of [false, true]) {
    const fileSystem = new SimulatedFileSystem({ random: seededRandom(1) });
    await fileSystem.mkdir('/forest');
    await fileSystem.syncDirectory('/');
    const first = new EmbeddedSideFiles(fileSystem, '/forest');
    // The first operation makes the folder, the second is the sync of its parent.
    fileSystem.failAt(2, 'EIO');
    await expect(first.write('kept', text('one'))).rejects.toSatisfy((error) => errorCode(error) === 'EIO');
    const next = isNewProcess ? new EmbeddedSideFiles(fileSystem, '/forest') : first;
    await next.write('kept', text('two'));
    fileSystem.crash('nothing');
    const file = await new EmbeddedSideFiles(fileSystem, '/forest').open('kept');
    expect(new TextDecoder().decode(await file?.read(0, file.bytes))).toBe('two');
  }
});
