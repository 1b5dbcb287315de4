/**
 * Goal: what MCP tells is the whole, or says that it is not, where there is more than one page of it, where a ghost went back, and of the
 * past. Method: the official client against a broker that holds more than a page of everything.
 */
import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { mcpGhostsLookedAtMax, mcpGhostsShownMax } from '../../src/base/limits.ts';
import { putText, startTestBroker, type TestBroker } from '../support/broker.ts';
import { callTool, connectMcp } from '../support/mcp.ts';

let broker: TestBroker;
let client: Client;
beforeAll(async () => {
  broker = await startTestBroker();
  client = await connectMcp(broker, { transport: 'http', era: '2025-11-25' });
});
afterAll(async () => {
  await client.close();
  await broker.close();
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
});

const put = (path: string, value: string): Promise<unknown> =>
  broker.context.publish({ operations: [putText(path, value)] });

const beginGhosts = async (count: number, scope: string): Promise<void> => {
  await Promise.all(Array.from({ length: count }, () => broker.context.beginGhost({ scope })));
};

describe('a ghost that went back', () => {
  it('is rendered whole, whatever the reader knows of it', async () => {
    await put('/plan/goal', 'count the stars');
    const begun = await callTool(client, 'begin_ghost', { label: 'plan', scope: '/plan' });
    const ghost_id = String(begun.structured['ghost_id']);
    const parts = [{ pattern: '/plan/**' }];
    await callTool(client, 'append', { path: '/plan/way', text: 'a wrong way', ghost_id });
    const first = (await callTool(client, 'render_context', { parts, ghost_id })).structured;
    expect(first['text']).toContain('a wrong way');
    await callTool(client, 'revert', { ghost_id, checkpoint: '', reason: 'wrong' });
    await callTool(client, 'append', { path: '/plan/other', text: 'another way', ghost_id });
    for (const base of [{ base_revision: first['base_revision'] }, {}]) {
      const since = { ...base, since_revision: first['revision'] };
      const next = (await callTool(client, 'render_context', { parts, ghost_id, ...since })).structured;
      expect(next['text']).toContain('count the stars');
      expect(next['text']).toContain('another way');
      expect(next['text']).not.toContain('a wrong way');
      expect(next['base_revision']).toBe(first['base_revision']);
    }
  });
});

describe('a session that is handed over', () => {
  const open = async (path: string): Promise<string> => {
    const { messages } = await client.getPrompt({ name: 'hand_over_session', arguments: { path } });
    const [first] = messages;
    const text = first?.content.type === 'text' ? first.content.text : '';
    return text.split('\n\n').find((part) => /open/i.test(part)) ?? '';
  };

  it('tells its ghosts and locks, however many there are elsewhere', async () => {
    await put('/handed/task', 'x');
    expect(await open('/handed')).toBe('Nothing is open: there are no live ghosts and no locks.');
    await broker.context.beginGhost({ label: 'of the session', scope: '/handed' });
    await beginGhosts(130, '/elsewhere');
    expect(await open('/handed')).toMatch(/^Still open:\n- ghost .*: of the session$/);
    expect(await open('/another')).toContain('Nothing is open');
    const tree = (await callTool(client, 'show_tree')).structured;
    expect(tree).toMatchObject({ ghosts: { length: mcpGhostsShownMax }, more_ghosts: true });
  });

  it('tells that there may be more than was looked at', async () => {
    await beginGhosts(mcpGhostsLookedAtMax, '/elsewhere');
    expect(await open('/handed')).toBe('Still open:\n- maybe more ghosts: not all live ones were looked at');
    const locked = Array.from({ length: 101 }, (_, index) => `/elsewhere/${index}`);
    await callTool(client, 'acquire_lock', { paths: locked.slice(0, 50) });
    await callTool(client, 'acquire_lock', { paths: locked.slice(50) });
    expect(await open('/elsewhere/100')).toMatch(/\n- lock of tester on .*\/elsewhere\/100/);
  });
});

describe('a completion', () => {
  const complete = async (name: string, value: string): Promise<readonly string[]> => {
    const ref = { type: 'ref/resource', uri: 'hyperloom://{forest}/{+path}{?revision,ghost}' } as const;
    return (await client.complete({ ref, argument: { name, value } })).completion.values;
  };

  it('finds what is behind the first page', async () => {
    const operations = Array.from({ length: 1_100 }, (_, index) => putText(`/many/a${index}`, ''));
    await broker.context.publish({ operations: [...operations, putText('/many/zebra', '')] });
    expect(await complete('path', 'many/z')).toEqual(['many/zebra']);
    expect(await complete('path', '/many/z')).toEqual(['/many/zebra']);
    expect(await complete('path', 'many/a')).toHaveLength(100);
    const { ghost } = await broker.context.beginGhost({ scope: '/elsewhere' });
    await beginGhosts(130, '/elsewhere');
    expect(await complete('ghost', ghost?.id ?? '')).toEqual([ghost?.id]);
  });
});

describe('a resource of the past', () => {
  it('lists what was below it as it was then', async () => {
    const { revision } = await broker.context.publish({ operations: [putText('/past/x', 'then')] });
    await put('/past/x', 'now');
    const { contents } = await client.readResource({
      uri: `hyperloom://default/past?revision=${revision}`,
    });
    const [listed] = contents;
    const { children } = JSON.parse(listed !== undefined && 'text' in listed ? listed.text : '{}') as {
      readonly children: readonly { readonly uri: string }[];
    };
    expect(children.map(({ uri }) => uri)).toEqual([`hyperloom://default/past/x?revision=${revision}`]);
    const child = await client.readResource({ uri: children[0]?.uri ?? '' });
    expect(child.contents).toMatchObject([{ text: 'then' }]);
  });
});
