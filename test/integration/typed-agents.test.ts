/**
 * Goal: a TypeScript agent, a Python agent and a Go agent share one typed tree. Each writes what the others read as their own type, and
 * each one's invalid write is refused with the same violations.
 * Method: a broker and the agents as processes of their own; messages that each language's own compiler and protoc-gen-hyperloom have made
 * of one source. The agents read and write the fields of their messages one by one, so nothing is compared that no program had in hand.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, schemaOf } from '../../clients/typescript/src/index.ts';
import { ResearchNoteSchema } from '../../clients/typescript/src/testing/gen/acme/v1/research_pb.ts';
import { findGo, noGo } from '../../scripts/checks/go.ts';
import { preparePython, pythonTool } from '../../scripts/checks/python.ts';
import { root, run, unavailable } from '../../scripts/step.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { AgentProcess } from './typed-agents/agent-process.ts';
import type { Refused, Told } from './typed-agents/lines.ts';

// Compilers may have to be fetched and run for the first time.
const preparationMsMax = 900_000;

const python = await preparePython();
const go = await findGo();
const missing = python?.note ?? (go === undefined ? noGo : undefined);
if (missing !== undefined && unavailable(missing).failed > 0) throw new Error(`CI must have it: ${missing}`);

const languages = ['typescript', 'python', 'go'] as const;
type Language = (typeof languages)[number];

const folder = mkdtempSync(join(tmpdir(), 'hyperloom-typed-agents-'));
const broker = new BrokerProcess(join(folder, 'data'));
const agents = new Map<Language, AgentProcess>();

function agent(language: Language): AgentProcess {
  const found = agents.get(language);
  if (found === undefined) throw new Error(`there is no agent in ${language}`);
  return found;
}

/** Runs the same with all agents at once; answers in the order of `languages`. */
function together<T>(work: (agent: AgentProcess, language: Language) => Promise<T>): Promise<T[]> {
  return Promise.all(languages.map((language) => work(agent(language), language)));
}

const written: Readonly<Record<Language, Told>> = {
  typescript: {
    claim: 'water is wet',
    sources: ['https://example.com/1', 'urn:isbn:1'],
    confidence: 0.1,
    citations: '9007199254740993',
    reviewer: 'Ann',
    labels: { topic: 'water' },
  },
  python: {
    claim: 'größer 💧\u{0} \u{FEFF}',
    sources: [],
    confidence: 1,
    citations: '-9223372036854775808',
    reviewer: '',
    labels: { '': 'empty', 'ü/"': '' },
  },
  go: {
    claim: 'x'.repeat(1_000),
    sources: ['https://example.com/2'],
    confidence: 5e-324,
    citations: '9223372036854775807',
    reviewer: 'Zoë',
    labels: {},
  },
};

const invalid: Told = {
  claim: '',
  sources: ['https://example.com/1', 'no uri', 'neither'],
  confidence: 1.5,
  citations: '1',
  reviewer: '',
  labels: {},
};

/** What is wrong with `invalid`, as every client is to tell it. */
const refusedFor: Refused = {
  path: '/invalid/notes/x',
  schema: 'acme',
  problems: [
    { operation: 0, field: 'claim', rule: 'string.min_len', message: 'must be at least 1 characters' },
    { operation: 0, field: 'sources[1]', rule: 'string.uri', message: 'must be a valid URI' },
    { operation: 0, field: 'sources[2]', rule: 'string.uri', message: 'must be a valid URI' },
    {
      operation: 0,
      field: 'confidence',
      rule: 'double.gte_lte',
      message: 'must be greater than or equal to 0 and less than or equal to 1',
    },
  ],
};

async function mustRun(command: string, args: readonly string[]): Promise<void> {
  const { ok, output } = await run(command, args, true);
  if (!ok) throw new Error(`${command} ${args.join(' ')}: ${output}`);
}

/** The messages in Python, as a team would have protoc make them. Resolves with where they are. */
async function compileForPython(): Promise<string> {
  const out = join(folder, 'python');
  mkdirSync(out);
  const sources = ['clients/protoc-gen-hyperloom/testdata', 'test/support/protos', 'proto'];
  const plugin = join(root, 'clients/protoc-gen-hyperloom/bin/protoc-gen-hyperloom.js');
  await mustRun(pythonTool('python'), [
    ...['-m', 'grpc_tools.protoc', ...sources.map((source) => `-I${source}`), `--python_out=${out}`],
    ...[`--plugin=protoc-gen-hyperloom=${plugin}`, `--hyperloom_out=target=python:${out}`],
    ...['acme/v1/research.proto', 'buf/validate/validate.proto'],
  ]);
  return out;
}

async function compileForGo(): Promise<string> {
  const program = join(folder, 'agent-in-go');
  await mustRun(go ?? 'go', ['-C', 'clients/go', 'build', '-o', program, './internal/typedagent']);
  return program;
}

describe.skipIf(missing !== undefined)('agents in three languages', () => {
  beforeAll(async () => {
    const [messages, program] = await Promise.all([compileForPython(), compileForGo(), broker.start()]);
    await using owner = connect(broker.address, { author: 'owner' });
    await owner.schemas.register('acme', schemaOf(ResearchNoteSchema));
    const scripts = join(root, 'test', 'integration', 'typed-agents');
    const environment = {
      HYPERLOOM_ADDRESS: broker.address,
      PYTHONPATH: messages,
      PYTHONDONTWRITEBYTECODE: '1',
    };
    agents.set('typescript', new AgentProcess([process.execPath, join(scripts, 'agent.ts')], environment));
    agents.set('python', new AgentProcess([pythonTool('python'), join(scripts, 'agent.py')], environment));
    agents.set('go', new AgentProcess([program], environment));
  }, preparationMsMax);

  afterAll(async () => {
    for (const each of agents.values()) await each[Symbol.asyncDispose]();
    await broker.stop('SIGTERM');
    rmSync(folder, { recursive: true });
  });

  test('read and watch what each of them wrote as messages of their own', async () => {
    await together((each) => each.tell('watch', { session: 'shared' }));
    for (const language of languages)
      await agent(language).tell('put', { session: 'shared', note: language, value: written[language] });

    for (const author of languages) {
      const read = await together((each) => each.tell('get', { session: 'shared', note: author }));
      expect(read).toEqual(languages.map(() => ({ value: written[author], author })));
    }
    const inPathOrder = [...languages].sort().map((note) => ({ note, value: written[note] }));
    const listed = await together((each) => each.tell('list', { session: 'shared' }));
    expect(listed).toEqual(languages.map(() => ({ notes: inPathOrder })));
    const inOrder = languages.map((note) => ({ note, value: written[note] }));
    const seen = await together((each) => each.tell('saw', { count: languages.length }));
    expect(seen).toEqual(languages.map(() => ({ seen: inOrder })));
  });

  test('are refused the same invalid message with the same violations, on the trunk and in ghosts', async () => {
    const bad = { session: 'invalid', note: 'x', value: invalid };
    expect(await together((each) => each.refused('put', bad))).toEqual(languages.map(() => refusedFor));
    expect(await together((each) => each.refused('stage', bad))).toEqual(languages.map(() => refusedFor));
    const listed = await together((each) => each.tell('list', { session: 'invalid' }));
    expect(listed).toEqual(languages.map(() => ({ notes: [] })));
    // Each goes on after it.
    const mended = { ...invalid, claim: 'mended', sources: [], confidence: 0 };
    for (const note of languages) {
      await agent(note).tell('stage', { session: 'mended', note, value: mended });
      const read = await together((each) => each.tell('get', { session: 'mended', note }));
      expect(read).toEqual(languages.map(() => ({ value: mended, author: note })));
    }
  });

  test('lose nothing when all change the same message, each from what it has read', async () => {
    const times = 20;
    const at = { session: 'counted', note: 'x' };
    const start = { ...written.typescript, citations: '0' };
    await agent('go').tell('put', { ...at, value: start });
    await together((each) => each.tell('cite', { ...at, times }));
    const total = String(times * languages.length);
    const read = await together((each) => each.tell('get', at));
    expect(read.map(({ value }) => value)).toEqual(languages.map(() => ({ ...start, citations: total })));
  });

  test('end well', async () => {
    expect(await together((each) => each.end())).toEqual([0, 0, 0]);
  });
});
