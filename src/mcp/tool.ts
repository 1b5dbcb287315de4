/** A tool: its names and schemas for the model, and what it does. */
import type {
  CallToolResult,
  InputRequiredResult,
  ServerContext,
  ToolAnnotations,
} from '@modelcontextprotocol/server';
import * as z from 'zod';

import { callerFields, openCall, type Call, type Session } from './call.ts';
import { explain } from './explain.ts';
import type { ToolName } from './grants.ts';
import { listed } from './listed.ts';
import { shownBy } from './tree-app.ts';

/** What a tool does to the world, for hosts that ask their users. Nothing here reaches beyond the broker. */
export type Hints = Required<Pick<ToolAnnotations, 'readOnlyHint' | 'destructiveHint' | 'idempotentHint'>>;

/** It changes nothing. */
export const readsOnly: Hints = { readOnlyHint: true, destructiveHint: false, idempotentHint: true };
/** It adds something; doing it again adds it again. */
export const adds: Hints = { readOnlyHint: false, destructiveHint: false, idempotentHint: false };
/** It can take away or replace what others have written. */
export const replaces: Hints = { readOnlyHint: false, destructiveHint: true, idempotentHint: false };

/** What a tool answers. */
export interface Answer<Output> {
  readonly structured: Output;
  /** For the model, in place of the structured answer as JSON. */
  readonly text?: string;
}

export interface ToolDefinition<Input extends z.ZodRawShape, Output extends z.ZodObject> {
  readonly name: ToolName;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  readonly hints: Hints;
  /** The app that shows what it answers, for clients that show apps. */
  readonly app?: string;
  run(
    args: z.output<z.ZodObject<Input>>,
    call: Call,
  ): Promise<Answer<z.output<Output>> | InputRequiredResult>;
}

/** A tool without its types. */
export interface Tool {
  readonly name: ToolName;
  readonly title: string;
  readonly hints: Hints;
  register(session: Session): void;
}

export function defineTool<Input extends z.ZodRawShape, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  const { name, title, description, input, output, hints, app } = definition;
  // A misspelt argument is refused: without ghost_id a write would go to the trunk.
  const inputSchema = listed(z.strictObject({ ...input, ...callerFields }));
  const outputSchema = listed(output);
  return {
    name,
    title,
    hints,
    register(session) {
      const annotations = { ...hints, openWorldHint: false };
      const meta =
        app === undefined || session.bridge.options.treePage === undefined ? {} : { _meta: shownBy(app) };
      const config = { title, description, inputSchema, outputSchema, annotations, ...meta };
      const handler = async (
        args: unknown,
        context: ServerContext,
      ): Promise<CallToolResult | InputRequiredResult> => {
        try {
          const known = args as z.output<z.ZodObject<Input>> & z.output<z.ZodObject<typeof callerFields>>;
          return resultOf(await definition.run(known, openCall(session, known, context)));
        } catch (error) {
          return failureOf(error, name, session, context.mcpReq.signal);
        }
      };
      session.server.registerTool(name, config, handler);
    },
  };
}

function resultOf(
  answer: Answer<Record<string, unknown>> | InputRequiredResult,
): CallToolResult | InputRequiredResult {
  if (!isAnswer(answer)) return answer;
  const { structured, text = JSON.stringify(structured) } = answer;
  return { content: [{ type: 'text', text }], structuredContent: structured };
}

function failureOf(error: unknown, name: string, session: Session, signal: AbortSignal): CallToolResult {
  const told = explain(error);
  // That the caller has gone away while it waited is no mistake of the bridge; nobody hears this answer.
  const isGone = signal.aborted && error === signal.reason;
  if (told === undefined && !isGone) session.bridge.options.onError(error);
  const text =
    told ?? `${name} failed by a mistake of the bridge.\nNext: tell your user that its log says why.`;
  return { content: [{ type: 'text', text }], isError: true };
}

function isAnswer(
  answer: Answer<Record<string, unknown>> | InputRequiredResult,
): answer is Answer<Record<string, unknown>> {
  return 'structured' in answer;
}
