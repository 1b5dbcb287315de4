/** Messages of the SDK as they are to be stored. What cannot be stored is refused before anything is sent. */
import { isObject, plainOf, type Plain, type PlainObject } from '@hyperloom/client/adapters';
import type { UIMessage } from 'ai';
import type { WantedMessage } from './delta.ts';
import { refused } from './errors.ts';
import { valueBytesMax } from './limits.ts';

/** Takes messages apart. Throws the SDK's `InvalidArgumentError`. */
export function wantedMessages(messages: readonly UIMessage[]): readonly WantedMessage[] {
  if (!Array.isArray(messages))
    throw refused('messages', messages)('a chat stores an array of UIMessages, such as that of onFinish');
  return messages.map(wantedMessage);
}

function wantedMessage(message: UIMessage, index: number): WantedMessage {
  const refuse = refused(`messages[${index}]`, message);
  const { parts, ...fields } = plainMessage(message, index);
  if (typeof fields['id'] !== 'string' || typeof fields['role'] !== 'string' || !isList(parts))
    throw refuse(
      'it is no UIMessage, which has id, role and parts: convert model messages before they are stored',
    );
  checkSize(fields, `messages[${index}]`, message);
  const objects = parts.filter(isObject);
  if (objects.length < parts.length) throw refuse('it holds a part that is no object');
  for (const [part, value] of objects.entries())
    checkSize(value, `messages[${index}].parts[${part}]`, message);
  return { fields, parts: objects };
}

function plainMessage(message: UIMessage, index: number): PlainObject {
  const refuse = refused(`messages[${index}]`, message);
  let plain: Plain;
  try {
    plain = plainOf(message);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refuse(`it cannot be stored as JSON: ${why}. Make it plain objects and texts`);
  }
  if (!isObject(plain)) throw refuse('it is no object: a chat stores UIMessages');
  return plain;
}

function checkSize(value: PlainObject, parameter: string, message: UIMessage): void {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > valueBytesMax)
    throw refused(
      parameter,
      message,
    )(
      `it takes ${bytes} bytes, and ${valueBytesMax} are the most: keep large files elsewhere, and let the part name them by URL`,
    );
}

function isList(value: Plain | undefined): value is readonly Plain[] {
  return Array.isArray(value);
}
