/** Goal: files are recognised by what is in them. Method: invented files of each format and of none. */
import { describe, expect, it } from 'vitest';

import { readRecorded } from './formats.ts';

describe('the format of a recorded file', () => {
  it('is Who&When where there is a history', () => {
    const { format } = readRecorded('a/1.json', '{"history":[{"role":"R","content":"c"}]}');
    expect(format).toBe('who_and_when');
  });

  it('is tau-bench for a list of trajectories, in the order of tasks and trials', () => {
    const call =
      '{"role":"assistant","content":null,"tool_calls":[{"function":{"name":"think","arguments":"{}"}}]}';
    const text = `[{"task_id":1,"trial":0,"reward":0.0,"traj":[]},{"task_id":0,"trial":1,"traj":[]},
      {"task_id":0,"trial":0,"reward":1.0,"traj":[${call},{"role":"tool","name":"think","content":""}]}]`;
    const recorded = readRecorded('t.json', text);
    if (recorded.format !== 'tau_bench') throw new Error(recorded.format);
    expect(recorded.runs.map(({ taskId, trial }) => [taskId, trial])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
    ]);
    expect(recorded.runs[0]).toMatchObject({
      reward: 1,
      messages: [
        { text: call, role: 'assistant', content: '', call: { name: 'think' } },
        { role: 'tool', tool: 'think', call: undefined },
      ],
    });
  });

  it.each([['{}'], ['[]'], ['[{"task_id":1}]'], ['[1]'], ['"history"'], ['{"history":1}'], ['{"history":']])(
    'is refused with the name of the file for %s',
    (text) => {
      expect(() => readRecorded('some/file.json', text)).toThrow('some/file.json');
    },
  );
});
