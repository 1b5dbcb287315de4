/**
 * MCP as clients use it: the official TypeScript client against a real broker, over HTTP and over standard input and output, in both eras of
 * the protocol. The same stories are told over each of the four ways.
 */
import type { Client } from '@modelcontextprotocol/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { startTestBroker, type TestBroker } from '../support/broker.ts';
import { callTool, connectMcp, ways, type McpOptions, type Way } from '../support/mcp.ts';

describe.each(ways)('an MCP client over $transport that speaks $era', (way: Way) => {
  let broker: TestBroker;
  let client: Client;
  const others: Client[] = [];
  const connect = async (options?: McpOptions): Promise<Client> => {
    const other = await connectMcp(broker, way, options);
    others.push(other);
    return other;
  };
  const put = async (path: string, value: unknown): Promise<number> => {
    const { structured } = await callTool(client, 'publish', { operations: [{ op: 'put', path, value }] });
    return structured['revision'] as number;
  };

  beforeAll(async () => {
    broker = await startTestBroker();
    client = await connectMcp(broker, way);
  });
  afterEach(async () => {
    for (const other of others.splice(0)) await other.close();
  });
  afterAll(async () => {
    await client.close();
    await broker.close();
    expect(broker.fatal).toEqual([]);
    expect(broker.log).toEqual([]);
  });

  it('is offered all tools, each with schemas for both sides and hints', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      ...['read', 'list', 'search', 'render_context', 'changes_since', 'wait_for_change'],
      ...['show_tree', 'publish', 'append', 'begin_ghost', 'checkpoint', 'commit', 'revert'],
      ...['diff', 'history', 'blame', 'trace', 'acquire_lock', 'release_lock'],
    ]);
    for (const { name, description, inputSchema, outputSchema, annotations } of tools) {
      expect(description?.length, name).toBeGreaterThan(80);
      expect(inputSchema.additionalProperties, name).toBe(false);
      expect(outputSchema?.type, name).toBe('object');
      expect(annotations, name).toMatchObject({ openWorldHint: false });
      for (const hint of ['readOnlyHint', 'destructiveHint', 'idempotentHint'] as const)
        expect(typeof annotations?.[hint], `${name} ${hint}`).toBe('boolean');
    }
    const reading = tools.filter(({ annotations }) => annotations?.readOnlyHint === true);
    expect(reading.map(({ name }) => name)).toEqual([
      ...['read', 'list', 'search', 'render_context', 'changes_since', 'wait_for_change'],
      ...['show_tree', 'diff', 'history', 'blame', 'trace'],
    ]);
  });

  it('writes, reads, lists and searches', async () => {
    const written = await callTool(client, 'publish', {
      operations: [
        { op: 'put', path: '/basic/task', value: 'Compare the key spaces' },
        { op: 'put', path: '/basic/plan', value: { steps: ['read'] } },
        { op: 'put', path: '/basic/big', json_text: '{"n":9007199254740993}' },
        { op: 'put', path: '/basic/raw', base64: 'AAEC' },
        { op: 'increment', path: '/basic/count', amount: 3 },
      ],
      label: 'begin',
      agent: 'writer',
    });
    expect(written.structured).toMatchObject({ repeated: false });
    await callTool(client, 'append', { path: '/basic/task', text: ' of two stores' });
    const paths = ['task', 'plan', 'big', 'raw', 'count', 'nothing'].map((name) => `/basic/${name}`);
    const { structured } = await callTool(client, 'read', { paths });
    expect(structured).toMatchObject({
      nodes: [
        { path: '/basic/task', kind: 'text', value: 'Compare the key spaces of two stores', version: 2 },
        { path: '/basic/plan', kind: 'json', value: { steps: ['read'] }, author: 'writer' },
        { path: '/basic/big', value: { n: '9007199254740993' }, exact_json: '{"n":9007199254740993}' },
        { path: '/basic/raw', kind: 'bytes', base64: 'AAEC' },
        { path: '/basic/count', value: 3 },
      ],
      missing: ['/basic/nothing'],
    });
    const listed = await callTool(client, 'list', { path: '/basic', page_size: 2 });
    expect(listed.structured).toMatchObject({ nodes: [{ path: '/basic/big' }, { path: '/basic/count' }] });
    const next = listed.structured['next_page_token'];
    const rest = await callTool(client, 'list', { path: '/basic', page_size: 2, page_token: next });
    expect(rest.structured).toMatchObject({ nodes: [{ path: '/basic/plan' }, { path: '/basic/raw' }] });
    const found = await callTool(client, 'search', { query: 'KEY SPACES', path: '/basic' });
    expect(found.structured).toMatchObject({ hits: [{ path: '/basic/task', author: expect.any(String) }] });
  });

  it('reads a long value in parts that make the whole', async () => {
    const long = 'ghost 👻 '.repeat(500);
    await put('/long/text', long);
    let [offset, text]: [number | undefined, string] = [0, ''];
    while (offset !== undefined) {
      const { structured } = await callTool(client, 'read', {
        paths: ['/long/text'],
        offset,
        max_characters: 999,
      });
      const [node] = structured['nodes'] as readonly {
        readonly part: { text: string; next_offset?: number };
      }[];
      text += node?.part.text ?? '';
      offset = node?.part.next_offset;
    }
    expect(text).toBe(long);
  });

  it('works in a ghost that nobody else sees before its commit', async () => {
    await put('/ghosts/plan', { state: 'open' });
    const begun = await callTool(client, 'begin_ghost', { label: 'try it', scope: '/ghosts' });
    const ghost_id = begun.structured['ghost_id'];
    expect(begun.structured).toMatchObject({ state: 'live', label: 'try it', scope: '/ghosts' });
    const merge = { op: 'merge', path: '/ghosts/plan', patch: { state: 'done' } };
    await callTool(client, 'publish', { operations: [merge], ghost_id });
    await callTool(client, 'checkpoint', { ghost_id, name: 'merged' });
    await callTool(client, 'append', { path: '/ghosts/log', text: 'wrong', ghost_id });
    const back = await callTool(client, 'revert', { ghost_id, checkpoint: 'merged', reason: 'it was wrong' });
    expect(back.structured).toMatchObject({
      reverted: 'to_checkpoint',
      checkpoint: 'merged',
      attempts: [{ reason: 'it was wrong' }],
    });
    const outside = await callTool(client, 'read', { paths: ['/ghosts/plan'] });
    expect(outside.structured).toMatchObject({ nodes: [{ value: { state: 'open' } }] });
    const differences = await callTool(client, 'diff', { ghost_id });
    expect(differences.structured).toMatchObject({
      differences: [
        {
          path: '/ghosts/plan',
          change: 'changed',
          before: { value: { state: 'open' } },
          after: { value: { state: 'done' } },
        },
      ],
    });
    const committed = await callTool(client, 'commit', { ghost_id, label: 'it works' });
    expect(committed.structured).toMatchObject({ state: 'committed', operations: 1 });
    const again = await callTool(client, 'commit', { ghost_id });
    expect(again).toMatchObject({ isError: true, text: expect.stringContaining('GHOST_OVER') });
    expect(again.text).toContain('begin_ghost');
  });

  it('is told of a conflict with all three sides, and of what to do', async () => {
    await put('/conflict/a', 'base');
    const { structured } = await callTool(client, 'begin_ghost', {});
    const ghost_id = structured['ghost_id'];
    const mine = { op: 'put', path: '/conflict/a', value: 'mine' };
    await callTool(client, 'publish', { operations: [mine], ghost_id });
    await put('/conflict/a', 'theirs');
    const refused = await callTool(client, 'commit', { ghost_id });
    expect(refused.isError).toBe(true);
    expect(refused.text).toContain('(CONFLICT)');
    expect(refused.text).toContain('/conflict/a (value)');
    expect(refused.text).toContain('base "base", now "theirs", yours "mine"');
    expect(refused.text).toContain('Next: ');
    const dropped = await callTool(client, 'revert', { ghost_id, reason: 'they were right' });
    expect(dropped.structured).toMatchObject({ reverted: 'ghost', dropped_operations: 1 });
  });

  it('sees the past: history, blame, trace, and the state as it was', async () => {
    const first = await put('/past/source', 'the sky is green');
    await callTool(client, 'read', { paths: ['/past/source'], agent: 'believer' });
    const merge = { op: 'merge', path: '/past/conclusion', patch: { grass: 'blue' } };
    const derived = await callTool(client, 'publish', { operations: [merge], agent: 'believer' });
    const told = await callTool(client, 'history', { path: '/past' });
    expect(told.structured).toMatchObject({
      events: [
        {
          author: 'believer',
          changes: [{ path: '/past/conclusion', action: 'merge', text: '{"grass":"blue"}' }],
        },
        { revision: first, changes: [{ action: 'put', text: 'the sky is green' }] },
      ],
    });
    const blamed = await callTool(client, 'blame', { path: '/past/conclusion' });
    expect(blamed.structured).toMatchObject({ lines: [{ author: 'believer' }] });
    const upstream = await callTool(client, 'trace', { direction: 'upstream', path: '/past/conclusion' });
    expect(upstream.structured).toMatchObject({ seen: [{ path: '/past/source', now: 'unchanged' }] });
    const downstream = await callTool(client, 'trace', { direction: 'downstream', revision: first });
    expect(downstream.structured).toMatchObject({
      derived: [{ author: 'believer', through: ['/past/source'] }],
    });
    const report = await callTool(client, 'revert', { revision: first, cascade: 'report' });
    expect(report.structured).toMatchObject({
      reverted: 'nothing',
      also_undone: [{ revision: first }, { revision: derived.structured['revision'], author: 'believer' }],
    });
    const undone = await callTool(client, 'revert', {
      revision: first,
      cascade: 'all',
      reason: 'it is blue',
    });
    expect(undone.structured).toMatchObject({ reverted: 'revision' });
    const now = await callTool(client, 'list', { path: '/past' });
    expect(now.structured).toMatchObject({ nodes: [] });
    const then = await callTool(client, 'read', { paths: ['/past/source'], at_revision: first });
    expect(then.structured).toMatchObject({ nodes: [{ value: 'the sky is green' }] });
  });

  it('renders a subtree as text, and then only what is new', async () => {
    await put('/render/a', 'alpha');
    const parts = [{ pattern: '/render/**' }];
    const { structured } = await callTool(client, 'render_context', { parts, token_budget: 500 });
    expect(structured['text']).toContain('alpha');
    await put('/render/b', 'beta');
    const more = await callTool(client, 'render_context', {
      parts,
      token_budget: 500,
      base_revision: structured['base_revision'],
      since_revision: structured['revision'],
    });
    expect(more.structured['text']).toContain('beta');
    expect(more.structured['text']).not.toContain('alpha');
  });

  it('locks out others, and writes with its token', async () => {
    const taken = await callTool(client, 'acquire_lock', {
      paths: ['/locked'],
      agent: 'owner',
      label: 'dear work',
    });
    const { lease_id, fencing_token } = taken.structured;
    const operations = [{ op: 'put', path: '/locked/a', value: 1 }];
    const refused = await callTool(client, 'publish', { operations, agent: 'other' });
    expect(refused.text).toContain('(LOCKED)');
    expect(refused.text).toContain('holder: owner');
    const second = await callTool(client, 'acquire_lock', { paths: ['/locked/a'], agent: 'other' });
    expect(second.text).toContain('(LOCKED)');
    const fencing_tokens = [fencing_token];
    const written = await callTool(client, 'publish', { operations, agent: 'owner', fencing_tokens });
    expect(written.isError).toBe(false);
    const more = await callTool(client, 'acquire_lock', { paths: ['/locked_too'], agent: 'owner', lease_id });
    expect(more.structured).toMatchObject({ lease_id });
    const released = await callTool(client, 'release_lock', { lease_id });
    expect(released.structured).toEqual({ released_locks: 2 });
    const stale = await callTool(client, 'publish', { operations, agent: 'owner', fencing_tokens });
    expect(stale.text).toContain('(STALE_FENCING_TOKEN)');
  });

  it('hears what is new since a revision, and waits for what comes', async () => {
    const known = await put('/news/a', 1);
    const waiting = callTool(client, 'wait_for_change', {
      patterns: ['/news/**'],
      after_revision: known,
      wait_seconds: 50,
    });
    const newest = await put('/news/b', 2);
    const heard = await waiting;
    expect(heard.structured).toMatchObject({
      changed: true,
      revision: newest,
      events: [{ revision: newest, changes: [{ path: '/news/b' }] }],
    });
    const since = await callTool(client, 'changes_since', { revision: known, path: '/news' });
    expect(since.structured).toMatchObject({
      revision: newest,
      differences: [{ path: '/news/b', change: 'added', after: { value: 2 } }],
    });
    const nothing = await callTool(client, 'wait_for_change', {
      patterns: ['/news/**'],
      after_revision: newest,
      wait_seconds: 1,
    });
    expect(nothing.structured).toMatchObject({ changed: false, events: [] });
    expect(nothing.structured['revision']).toBeGreaterThanOrEqual(newest);
  });

  it('is refused arguments that it has misspelt, or that do not go together', async () => {
    const misspelt = await callTool(client, 'append', { path: '/wrong', text: 'x', ghost: 'g' });
    expect(misspelt).toMatchObject({ isError: true, text: expect.stringContaining('ghost') });
    const both = await callTool(client, 'append', { path: '/wrong', text: 'x', items: [1] });
    expect(both.text).toContain('exactly one of text and items');
    const neither = await callTool(client, 'revert', {});
    expect(neither.text).toContain('exactly one of ghost_id and revision');
    const { ghost_id } = (await callTool(client, 'begin_ghost', { label: 'stays' })).structured;
    for (const cascade of ['report', 'all'])
      expect((await callTool(client, 'revert', { ghost_id, cascade })).text).toContain('cascade');
    const rewind = await callTool(client, 'revert', { revision: 1, checkpoint: '' });
    expect(rewind.text).toContain('checkpoint');
    const inner = { parent_ghost_id: ghost_id, base_revision: 1, label: 'inner' };
    expect((await callTool(client, 'begin_ghost', inner)).text).toContain('base_revision');
    expect((await callTool(client, 'diff', { ghost_id, to_revision: 1 })).text).toContain('to_revision');
    expect((await callTool(client, 'revert', { ghost_id })).isError).toBe(false);
    const path = await callTool(client, 'read', { paths: ['no/slash'] });
    expect(path.text).toContain('(INVALID_PATH)');
    const future = await callTool(client, 'read', { paths: ['/wrong'], at_revision: 1_000_000 });
    expect(future.text).toContain('newest_revision');
    const forest = await callTool(client, 'read', { paths: ['/wrong'], forest: 'nowhere' });
    expect(forest.text).toContain('(FOREST_NOT_FOUND)');
  });

  it('asks the user before the ghost of another agent is committed, and obeys', async () => {
    const { structured } = await callTool(client, 'begin_ghost', { label: 'theirs', agent: 'somebody' });
    const ghost_id = structured['ghost_id'];
    await callTool(client, 'append', { path: '/asked', text: 'x', ghost_id, agent: 'somebody' });
    const asked: string[] = [];
    const answers: ('decline' | 'accept')[] = ['decline', 'accept'];
    const asking = await connect({ capabilities: { elicitation: {} } });
    asking.setRequestHandler('elicitation/create', ({ params }) => {
      asked.push(params.message);
      const action = answers.shift() ?? 'cancel';
      return action === 'accept' ? { action, content: {} } : { action };
    });
    const declined = await callTool(asking, 'commit', { ghost_id });
    expect(declined.text).toContain('the user does not want');
    const { structured: unchanged } = await callTool(client, 'read', { paths: ['/asked'] });
    expect(unchanged).toMatchObject({ missing: ['/asked'] });
    const accepted = await callTool(asking, 'commit', { ghost_id });
    expect(accepted.structured).toMatchObject({ state: 'committed' });
    expect(asked).toEqual([expect.stringContaining('somebody'), expect.stringContaining('"theirs"')]);
  });

  it('reads nodes as resources, by template and from a list', async () => {
    await put('/res/notes', 'a note');
    await put('/res/data/x y', { a: 1 });
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates).toMatchObject([
      { uriTemplate: 'hyperloom://{forest}/{+path}{?revision,ghost}' },
    ]);
    const { resources } = await client.listResources();
    const uris = resources.map(({ uri }) => uri);
    expect(uris).toContain('hyperloom://default/res');
    const text = await client.readResource({ uri: 'hyperloom://default/res/notes' });
    expect(text.contents).toMatchObject([{ mimeType: 'text/plain', text: 'a note' }]);
    const json = await client.readResource({ uri: 'hyperloom://default/res/data/x%20y' });
    expect(json.contents).toMatchObject([{ mimeType: 'application/json', text: '{"a":1}' }]);
    const tree = await client.readResource({ uri: 'hyperloom://default/res' });
    expect(tree.contents).toMatchObject([{ text: expect.stringContaining('hyperloom://default/res/notes') }]);
    await expect(client.readResource({ uri: 'hyperloom://default/none' })).rejects.toMatchObject({
      code: -32602,
    });
    const completed = await client.complete({
      ref: { type: 'ref/resource', uri: 'hyperloom://{forest}/{+path}{?revision,ghost}' },
      argument: { name: 'path', value: 'res/n' },
    });
    expect(completed.completion.values).toEqual(['res/notes']);
  });

  it('hears of changes to a resource, and of new trees', async () => {
    await put('/watched/a', 1);
    const listener = await connect();
    const updated = Promise.withResolvers<string>();
    const relisted = Promise.withResolvers<void>();
    listener.setNotificationHandler('notifications/resources/updated', ({ params }) =>
      updated.resolve(params.uri),
    );
    listener.setNotificationHandler('notifications/resources/list_changed', () => relisted.resolve());
    const uri = 'hyperloom://default/watched';
    if (way.era === '2025-11-25') await listener.subscribeResource({ uri });
    else await listener.listen({ resourcesListChanged: true, resourceSubscriptions: [uri] });
    // A subscription may begin a moment after it was acknowledged: so the change is made again until it is heard of.
    const heard = { updated: false, relisted: false };
    void updated.promise.then(() => (heard.updated = true));
    void relisted.promise.then(() => (heard.relisted = true));
    for (let turn = 0; !heard.updated || !heard.relisted; turn += 1) {
      await put('/watched/a', turn);
      await put(`/tree_${turn}/a`, turn);
    }
    await expect(updated.promise).resolves.toBe(uri);
  });

  it('is given prompts that show the state as it is', async () => {
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(['resume_ghost', 'review_ghost', 'hand_over_session']);
    await put('/handed/task', 'count the stars');
    const { structured } = await callTool(client, 'begin_ghost', { label: 'counting' });
    const ghost_id = String(structured['ghost_id']);
    await callTool(client, 'append', { path: '/handed/stars', text: 'one', ghost_id });
    const textOf = async (name: string, given: Record<string, string>): Promise<string> => {
      const { messages } = await client.getPrompt({ name, arguments: given });
      const [first] = messages;
      return first?.content.type === 'text' ? first.content.text : '';
    };
    const resumed = await textOf('resume_ghost', { ghost_id });
    expect(resumed).toContain('For: counting');
    expect(resumed).toContain('- /handed/stars (added): absent → "one"');
    expect(await textOf('review_ghost', { ghost_id, criteria: 'spelling' })).toContain('spelling');
    const handed = await textOf('hand_over_session', { path: '/handed' });
    expect(handed).toContain('count the stars');
    expect(handed).toContain(`ghost ${ghost_id}`);
    await expect(textOf('resume_ghost', { ghost_id: 'none' })).rejects.toMatchObject({ code: -32602 });
  });
});
