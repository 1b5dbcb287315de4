/** The texts in answers, for tests and for the page in the browser alike. */
import type { SubscribeResponse } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { Value } from '../../src/gen/hyperloom/v1/node_pb.ts';

/** A value that must be a text. */
export function textOf(value: Value | undefined): string {
  return value?.kind.case === 'text' ? value.kind.value : `no text but ${value?.kind.case}`;
}

/** The first text of a message; `undefined` for bookmarks. */
export function textOfMessage({ message }: SubscribeResponse): string | undefined {
  if (message.case === 'snapshot') return textOf(message.value.nodes[0]?.value);
  if (message.case !== 'event') return undefined;
  const action = message.value.changes[0]?.action;
  return action?.case === 'put' ? textOf(action.value) : `no put but ${action?.case}`;
}
