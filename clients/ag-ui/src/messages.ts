/** Messages of AG-UI from a subtree that lists them: a node that is an array of them, or one whose children are a message each. */
import type { Message } from '@ag-ui/core';
import { MessageSchema } from '@ag-ui/core/schemas';
import type { Plain } from '@hyperloom/client/adapters';
import type { TreeDocument } from './document.ts';
import { FeedError } from './errors.ts';

/** Makes a message of an entry that has another form; `undefined` leaves it out. `name`: of the child, or the item's number. */
export type ToMessage = (value: Plain, name: string) => Message | undefined;

/** All messages, in order. Throws a {@link FeedError} for an entry that is none. */
export function messagesOf(
  path: string,
  document: TreeDocument,
  toMessage: ToMessage | undefined,
): Message[] {
  const convert = toMessage ?? ((value: Plain, name: string) => ownMessage(path, value, name));
  return document
    .entries()
    .map(([name, value]) => convert(value, name))
    .filter((message) => message !== undefined);
}

function ownMessage(path: string, value: Plain, name: string): Message {
  const parsed = MessageSchema.safeParse(value);
  if (parsed.success) return parsed.data as Message;
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? '' : ` (${[...issue.path].join('.')}: ${issue.message})`;
  throw new FeedError(
    `${path}: entry ${name} is no message of AG-UI${where}. Name the subtree that holds nothing but messages, or convert them with toMessage`,
  );
}
