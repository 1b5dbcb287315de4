/** Which messages a message reaches through its fields, and whether they are few enough and end somewhere. */
import type { DescMessage } from '@bufbuild/protobuf';
import { schemaFieldsMax, schemaMessagesMax } from '../base/limits.ts';
import type { Problem } from './compiled.ts';

/** These may hold themselves: they are JSON in the form of messages, and how deep a value is nested is bounded anyway. */
const recursiveByNature: ReadonlySet<string> = new Set([
  'google.protobuf.Struct',
  'google.protobuf.Value',
  'google.protobuf.ListValue',
]);

/** The messages that are the types of fields. */
export function messagesOf({ fields }: DescMessage): DescMessage[] {
  return fields.flatMap((field) => (field.message === undefined ? [] : [field.message]));
}

/** All messages that `top` reaches, itself first. */
export function reachable(top: DescMessage): DescMessage[] {
  const seen = new Set([top]);
  for (const message of seen) for (const next of messagesOf(message)) seen.add(next);
  return [...seen];
}

/** What is wrong with the extent of `top`, if anything. */
export function extentProblem(top: DescMessage): Problem | null {
  const all = reachable(top);
  const fields = all.reduce((sum, message) => sum + message.fields.length, 0);
  const subject = top.typeName;
  if (all.length > schemaMessagesMax) {
    const message = `it reaches ${all.length} messages; ${schemaMessagesMax} is the maximum (schemaMessagesMax)`;
    return { rule: 'size', subject, message };
  }
  if (fields > schemaFieldsMax) {
    const message = `it reaches ${fields} fields; ${schemaFieldsMax} is the maximum (schemaFieldsMax)`;
    return { rule: 'size', subject, message };
  }
  const circle = circleBelow(top, [], new Set());
  if (circle === null) return null;
  const way = circle.map(({ typeName }) => typeName).join(' → ');
  const message = `it is recursive: ${way}; keep the inner ones at paths of their own, below the outer one`;
  return { rule: 'recursion', subject, message };
}

function circleBelow(
  message: DescMessage,
  way: readonly DescMessage[],
  done: Set<DescMessage>,
): readonly DescMessage[] | null {
  const start = way.indexOf(message);
  if (start >= 0) return [...way.slice(start), message];
  if (done.has(message) || recursiveByNature.has(message.typeName)) return null;
  for (const next of messagesOf(message)) {
    const circle = circleBelow(next, [...way, message], done);
    if (circle !== null) return circle;
  }
  done.add(message);
  return null;
}
