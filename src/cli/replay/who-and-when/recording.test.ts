/** Goal: a file taken apart goes together to the same bytes, however it is written. Method: invented files of odd forms. */
import { describe, expect, it } from 'vitest';

import { joinLayout } from './rebuild.ts';
import { parts, readWhoAndWhen, stepPath, type WhoAndWhenRun } from './recording.ts';

const file = 'runs/hand-made/7.json';

function read(text: string): WhoAndWhenRun {
  const run = readWhoAndWhen(file, text);
  if (run === undefined) throw new Error('not read');
  return run;
}

function joined(run: WhoAndWhenRun): string {
  const texts = new Map(run.members.map(({ name, text }) => [`${parts.run}/${name}`, text]));
  run.steps.forEach(({ text }, index) => texts.set(stepPath(index), text));
  return joinLayout(run.layout, texts);
}

describe('a recorded run', () => {
  it.each([
    ['without white space', '{"history":[{"content":"a","role":"R"}],"mistake_step":"0"}'],
    [
      'with escapes and mixed indentation',
      '{\n"question":"\\u00e9 é",    "history" : [\n  {"role":"R (x)"} ,\n\t{"role":"S"}\n]\n}\n',
    ],
    ['with nothing in its history', '{"history":[]}'],
    [
      'with numbers that doubles do not hold',
      '{"level":1.50,"history":[{"name":"N","n":12345678901234567890}]}',
    ],
  ])('goes together again %s', (_how, text) => {
    expect(joined(read(text))).toBe(text);
  });

  it('is one tree by folder and file', () => {
    expect(read('{"history":[]}').tree).toBe('/hand-made_7');
  });

  it('takes the agent from the name, or from the role without its aside', () => {
    const { steps } = read(
      '{"history":[{"name":"N","role":"user"},{"role":"Orchestrator (-> Web)"},{"name":"","role":"R"}]}',
    );
    expect(steps.map(({ agent, label }) => [agent, label])).toEqual([
      ['N', 'N'],
      ['Orchestrator', 'Orchestrator (-> Web)'],
      ['R', 'R'],
    ]);
  });

  it('knows the marked mistake, as text or number', () => {
    const marked = (step: string): unknown =>
      read(
        `{"history":[{"role":"R"},{"role":"S"}],"mistake_step":${step},"mistake_agent":"S","mistake_reason":"why"}`,
      ).mistake;
    expect(marked('"1"')).toEqual({ step: 1, agent: 'S', reason: 'why' });
    expect(marked('0')).toEqual({ step: 0, agent: 'S', reason: 'why' });
    expect(marked('"2"')).toBeUndefined();
    expect(marked('null')).toBeUndefined();
  });

  it('is not read from other JSON, and not with a member named twice', () => {
    expect(readWhoAndWhen(file, '[{"history":[]}]')).toBeUndefined();
    expect(readWhoAndWhen(file, '{"history":{}}')).toBeUndefined();
    expect(() => readWhoAndWhen(file, '{"history":[],"a":1,"a":2}')).toThrow('twice');
  });
});
