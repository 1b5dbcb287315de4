/** A model that says what a script says, the SDK's own; and what it streams through what a test wants to do meanwhile. */
import { MockLanguageModelV4 } from 'ai/test';

type StreamResult = Awaited<ReturnType<MockLanguageModelV4['doStream']>>;
type Part = StreamResult['stream'] extends ReadableStream<infer Value> ? Value : never;

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
};

/** Parts of an answer that is a text, in pieces. */
export function spoken(...pieces: readonly string[]): Part[] {
  return [
    { type: 'text-start', id: '1' },
    ...pieces.map((delta): Part => ({ type: 'text-delta', id: '1', delta })),
    { type: 'text-end', id: '1' },
    { type: 'finish', finishReason: { unified: 'stop', raw: undefined }, usage },
  ];
}

/** Parts of an answer that calls a tool. */
export function called(toolName: string, input: object): Part[] {
  return [
    { type: 'tool-call', toolCallId: `call ${toolName}`, toolName, input: JSON.stringify(input) },
    { type: 'finish', finishReason: { unified: 'tool-calls', raw: undefined }, usage },
  ];
}

/** A model that gives these answers, one after the other. `before` is awaited before each piece of text. */
export function scriptedModel(
  answers: readonly Part[][],
  before: (piece: string) => Promise<void> = async () => undefined,
): MockLanguageModelV4 {
  let turn = 0;
  return new MockLanguageModelV4({
    doStream: async () => {
      const parts = [...(answers[turn] ?? [])];
      turn += 1;
      return {
        stream: new ReadableStream<Part>({
          async pull(controller) {
            const part = parts.shift();
            if (part === undefined) return controller.close();
            if (part.type === 'text-delta') await before(part.delta);
            controller.enqueue(part);
          },
        }),
      };
    },
  });
}
