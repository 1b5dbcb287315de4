/** Server-sent events, as the SDK writes and reads them: one JSON chunk an event, and `[DONE]` at the end. */

const done = '[DONE]';

/** The JSON texts of a stream's chunks. */
export async function* readSse(stream: ReadableStream<string>): AsyncGenerator<string, void, void> {
  let text = '';
  for await (const piece of stream) {
    text += piece;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const data = dataOf(text.slice(0, end));
      text = text.slice(end + 2);
      if (data !== '' && data !== done) yield data;
    }
  }
}

function dataOf(event: string): string {
  const lines = event.split('\n').filter((line) => line.startsWith('data:'));
  return lines.map((line) => line.slice('data:'.length).trimStart()).join('\n');
}

/** A chunk as an event. */
export function sseEvent(chunk: string): string {
  return `data: ${chunk}\n\n`;
}

/** The last event. */
export const sseEnd = sseEvent(done);
