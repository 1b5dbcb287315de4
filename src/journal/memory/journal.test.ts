/** Goal: the memory back end keeps the contract, and tests can hold its durability back by hand. */
import { describe, expect, test } from 'vitest';
import { describeJournal, entry } from '../contract.ts';
import { JournalFailure } from '../journal.ts';
import { MemoryJournal } from './journal.ts';

describeJournal('memory', async () => {
  const journal = new MemoryJournal();
  return { journal, dispose: async () => undefined };
});

describe('a memory journal whose durability is held', () => {
  test('is durable as far as it is told and no further', async () => {
    const journal = new MemoryJournal({ durability: 'held' });
    const heard: number[] = [];
    journal.onDurable((position) => heard.push(position));
    for (let index = 1; index <= 3; index += 1) journal.append(entry(index), 'sync');
    await Promise.resolve();
    expect(journal.durablePosition).toBe(0);
    journal.makeDurable(2);
    expect(heard).toEqual([2]);
    const flushed = journal.flush();
    journal.makeDurable(3);
    await flushed;
    expect(journal.durablePosition).toBe(3);
  });

  test('fails once, as a disk does', async () => {
    const journal = new MemoryJournal({ durability: 'held' });
    const failures: JournalFailure[] = [];
    journal.onFailure((failure) => failures.push(failure));
    journal.append(entry(1), 'sync');
    const flushed = journal.flush();
    journal.fail(new JournalFailure('the disk is gone'));
    journal.fail(new JournalFailure('and again'));
    await expect(flushed).rejects.toThrow('the disk is gone');
    journal.makeDurable(1);
    expect(journal.durablePosition).toBe(0);
    expect(failures.map((failure) => failure.message)).toEqual(['the disk is gone']);
    expect(() => journal.append(entry(2), 'sync')).toThrow('the disk is gone');
  });
});
