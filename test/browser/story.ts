/** A small run of several agents, for pictures and tests: research, a ghost that is reverted, one that waits for a reviewer, one that lives. */
import { connect, gate, type Client, type Ghost } from '../../clients/typescript/src/index.ts';

/** What goes on living after the story; `end` ends it. */
export interface Told {
  readonly client: Client;
  readonly living: Ghost;
  /** Committed when somebody approves. */
  readonly committing: Promise<unknown>;
  end(): Promise<void>;
}

const tree = '/session_1';
const findings = [
  ['etcd', '# etcd\n\nKeeps one sorted key space.\nRevisions are global.\n'],
  ['nats', '# NATS\n\nStreams first; a key-value view on top.\n'],
  ['redis', '# Redis\n\nFast, and single threaded at heart.\n'],
  ['sqlite', '# SQLite\n\nOne file, one writer.\n'],
] as const;

/** Tells the story to the broker at `address`. */
export async function tellStory(address: string): Promise<Told> {
  const client = connect(address, { author: 'planner' });
  const as = (author: string): Client => client.as({ author });
  const [researcher, critic, writer, editor] = ['researcher', 'critic', 'writer', 'editor'].map(as);
  if (researcher === undefined || critic === undefined || writer === undefined || editor === undefined)
    throw new Error('the story has its agents');
  await client.put(`${tree}/task`, { goal: 'compare four databases', budget: 12, audience: ['engineers'] });
  await client.put(`${tree}/plan`, ['collect', 'judge', 'write']);
  for (const [name, text] of findings) {
    await researcher.get(`${tree}/task`);
    await researcher.put(`${tree}/notes/${name}`, text, { label: `what is known of ${name}` });
  }
  await critic.list(`${tree}/notes`, { depth: 0 }).all();
  await critic.put(`${tree}/reviews/first`, { verdict: 'sound', score: 0.9, missing: ['costs'] });
  await researcher.append(`${tree}/notes/etcd`, 'A watch resumes from any revision.\n', {
    label: 'on watches',
  });
  await client.increment(`${tree}/budget_used`, 4);
  await editor.merge(
    `${tree}/task`,
    { budget: 14, audience: ['engineers', 'managers'] },
    { label: 'more readers' },
  );
  const wrong = await writer.ghost({ label: 'summary from memory', scope: tree });
  await wrong.put(`${tree}/summary`, 'SQLite scales to many writers.');
  await wrong.revert('the notes say the opposite');
  await critic.get(`${tree}/reviews/first`);
  await writer.get(`${tree}/notes/etcd`);
  await writer.get(`${tree}/reviews/first`);
  await writer.put(
    `${tree}/summary`,
    'etcd keeps one sorted key space; the others trade order for speed.\n',
    {
      label: 'a summary from the notes',
    },
  );
  await editor.get(`${tree}/summary`);
  await editor.put(`${tree}/title`, 'Four ways to keep a key');
  const gated = await editor.ghost({ label: 'final report', scope: tree, gates: [gate.review('chief')] });
  await gated.put(`${tree}/report`, '# Four ways to keep a key\n');
  await gated.put(`${tree}/summary`, 'Order, streams, speed, or one file.\n');
  const committing = gated.commit().catch(() => undefined);
  const living = await writer.ghost({ label: 'a shorter one', scope: tree });
  await living.put(`${tree}/summary`, 'Pick etcd where order matters.\n');
  await living.put(`${tree}/notes/costs`, 'To be measured.\n');
  const end = async (): Promise<void> => {
    client.destroy();
    await committing;
  };
  return { client, living, committing, end };
}
