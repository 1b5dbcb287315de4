/**
 * Goal: the compiler refuses wrong variables and wrong values of a typed handle, and those of a message without a node type when they are
 * used. Method: lines that must not compile are marked; `tsc` fails where one does. Nothing here reaches a broker.
 */
import { create } from '@bufbuild/protobuf';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { connect, nodeType, type NodeType, type PathVariables } from './index.ts';
import { PathTemplate } from './path-template.ts';
import {
  ResearchNoteNode,
  Session_StepNode,
  SettingsNode,
} from './testing/gen/acme/v1/research_hyperloom.ts';
import {
  ResearchNoteSchema,
  ReviewSchema,
  SettingsSchema,
  type ResearchNote,
} from './testing/gen/acme/v1/research_pb.ts';

const client = connect('127.0.0.1:1');
const notes = client.typed(ResearchNoteNode);
const untyped = client.typed(ResearchNoteSchema);
const variables = { session: 's', note: 'n' };

/** Is compiled, and never called. Returns how many there are. */
const compiled = (...uses: readonly (() => unknown)[]): number => uses.length;

describe('what the compiler knows', () => {
  test('the variables are those of the path', () => {
    expectTypeOf<PathVariables<'/{session}/notes/{note}'>>().toEqualTypeOf<{
      readonly session: string;
      readonly note: string;
    }>();
    expectTypeOf(ResearchNoteNode).toEqualTypeOf<
      NodeType<typeof ResearchNoteSchema, '/{session}/notes/{note}'>
    >();
    const steps = client.typed(Session_StepNode);
    expectTypeOf<Parameters<typeof steps.path>[0]>().toEqualTypeOf<{
      readonly session: string;
      readonly step_id: string;
      readonly number: string;
    }>();
    expectTypeOf<Parameters<typeof untyped.path>[0]>().toEqualTypeOf<Readonly<Record<string, string>>>();
  });

  test('missing, misspelt and further variables do not compile', () => {
    const uses = compiled(
      () => notes.put(variables, { claim: 'c' }),
      // @ts-expect-error note is missing
      () => notes.put({ session: 's' }, { claim: 'c' }),
      // @ts-expect-error it is note
      () => notes.put({ session: 's', notes: 'n' }, { claim: 'c' }),
      // @ts-expect-error there is no step
      () => notes.put({ session: 's', note: 'n', step: 'x' }, { claim: 'c' }),
      // @ts-expect-error a segment is a text
      () => notes.get({ session: 's', note: 1 }),
      () => notes.list({ session: 's' }),
      // @ts-expect-error it is session
      () => notes.list({ sesion: 's' }),
      // @ts-expect-error there is no step
      () => notes.subscribe({ step: 'x' }),
      // @ts-expect-error note is missing
      () => notes.delete({ session: 's' }),
      // @ts-expect-error note is missing
      () => notes.operation.put({ session: 's' }, { claim: 'c' }),
      () => client.typed(SettingsNode).get({}),
      // @ts-expect-error the path has no variables
      () => client.typed(SettingsNode).get({ session: 's' }),
    );
    expect(uses).toBe(12);
  });

  test('values are those of the message', () => {
    const uses = compiled(
      () => notes.put(variables, create(ResearchNoteSchema, { claim: 'c', citations: 1n })),
      // @ts-expect-error it is claim
      () => notes.put(variables, { clam: 'c' }),
      // @ts-expect-error a claim is a text
      () => notes.put(variables, { claim: 1 }),
      // @ts-expect-error another message
      () => notes.put(variables, create(SettingsSchema)),
      // @ts-expect-error of messages without a node type too
      () => untyped.put(variables, { clam: 'c' }),
    );
    expect(uses).toBe(5);
    expectTypeOf<Awaited<ReturnType<typeof notes.get>>['value']>().toEqualTypeOf<ResearchNote>();
  });
});

describe('what is found when it is used', () => {
  test.each<readonly [string, Readonly<Record<string, string>>, string]>([
    ['missing variables', {}, '/{session}/notes/{note} needs a value for session and note'],
    ['a missing variable', { session: 's' }, 'needs a value for note'],
    ['a misspelt one', { session: 's', notes: 'n' }, 'has no variable notes'],
    ['a further one', { ...variables, step: 'x' }, 'has no variable step'],
    ['one that everything has', { ...variables, constructor: 'x' }, 'has no variable constructor'],
    ['an empty value', { session: 's', note: '' }, 'note of /{session}/notes/{note} is no segment'],
    ['another path', { session: 's', note: 'a/b' }, 'no segment of a path: "a/b"'],
    ['a way up', { session: '..', note: 'n' }, 'no segment of a path: ".."'],
    ['a pattern', { session: '**', note: 'n' }, 'no segment of a path: "**"'],
  ])('%s', (_name, wrong, message) => {
    expect(() => untyped.path(wrong)).toThrow(message);
    expect(() => untyped.path(wrong)).toThrow(TypeError);
  });

  test('a variable that every object seems to have', () => {
    const template = new PathTemplate('/{constructor}/x');
    expect(() => template.path({})).toThrow('needs a value for constructor');
    expect(template.pattern({})).toBe('/*/x');
    expect(template.path({ constructor: 'a' })).toBe('/a/x');
  });

  test('wrong variables of a selection', () => {
    expect(() => untyped.list({ sesion: 's' })).toThrow('has no variable sesion');
    expect(() => untyped.subscribe({ session: '*' })).toThrow('no segment of a path: "*"');
  });

  test('a message without a path', () => {
    expect(() => client.typed(ReviewSchema)).toThrow('acme.v1.Review has no option (hyperloom.v1.node).path');
  });

  test('a node type that was generated from another version of the message', () => {
    const outdated = nodeType(ResearchNoteSchema, '/{session}/n/{note}');
    expect(() => client.typed(outdated)).toThrow(
      'acme.v1.ResearchNote lives at /{session}/notes/{note}, not at',
    );
  });

  test('paths and variables are one another’s inverse', () => {
    expect(notes.path(variables)).toBe('/s/notes/n');
    expect(notes.variablesOf('/s/notes/n')).toEqual(variables);
    for (const other of ['/s/notes', '/s/notes/n/x', '/s/note/n', '/'])
      expect(notes.variablesOf(other)).toBeUndefined();
  });
});
