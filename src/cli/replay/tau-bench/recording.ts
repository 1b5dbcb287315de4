/**
 * Recorded tool-calling runs of tau-bench: a list of runs, several of each task. Messages are kept as the exact text that
 * stands in the file.
 */
import { arrayParts, objectMembers, type JsonPart } from '../../json-parts.ts';

/** A call of a tool. */
export interface ToolCall {
  readonly name: string;
  /** JSON text, as the model wrote it. */
  readonly arguments: string;
}

/** One message. */
export interface Message {
  /** Exact JSON text. */
  readonly text: string;
  readonly role: string;
  /** What it says; empty where it only calls a tool. */
  readonly content: string;
  /** The tool that it calls, for an assistant. */
  readonly call: ToolCall | undefined;
  /** The tool that answers. */
  readonly tool: string;
}

/** One run. */
export interface TauBenchRun {
  readonly taskId: number;
  readonly trial: number;
  /** 1: the task was done as it should be. */
  readonly reward: number;
  readonly messages: readonly Message[];
}

/** Reads the runs of a file, by task and trial; `undefined` where it has another format. The text must be JSON. */
export function readTauBench(text: string): readonly TauBenchRun[] | undefined {
  const items = arrayParts(text);
  if (items === undefined || items.length === 0) return undefined;
  const runs: TauBenchRun[] = [];
  for (const item of items) {
    const run = readRun(text, item);
    if (run === undefined) return undefined;
    runs.push(run);
  }
  return runs.sort((a, b) => a.taskId - b.taskId || a.trial - b.trial);
}

function readRun(text: string, item: JsonPart): TauBenchRun | undefined {
  const members = new Map((objectMembers(text, item.start) ?? []).map((member) => [member.name, member]));
  const trajectory = members.get('traj');
  const messages = trajectory === undefined ? undefined : arrayParts(text, trajectory.start);
  if (messages === undefined) return undefined;
  const number = (name: string): number => {
    const member = members.get(name);
    return member === undefined ? 0 : Number(text.slice(member.start, member.end));
  };
  return {
    taskId: number('task_id'),
    trial: number('trial'),
    reward: number('reward'),
    messages: messages.map(({ start, end }) => readMessage(text.slice(start, end))),
  };
}

interface WireMessage {
  readonly role?: string;
  readonly content?: string | null;
  readonly name?: string;
  readonly tool_calls?: readonly { readonly function: ToolCall }[] | null;
}

function readMessage(text: string): Message {
  const { role = '', content, name = '', tool_calls: calls } = JSON.parse(text) as WireMessage;
  return { text, role, content: content ?? '', call: calls?.[0]?.function, tool: name };
}
