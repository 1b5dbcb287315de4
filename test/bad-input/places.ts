/** Every field of a request, those inside other fields included: where it is, and the request that it is a part of. */
import type { DescField } from '@bufbuild/protobuf';
import type { ReflectMessage } from '@bufbuild/protobuf/reflect';

import { sampleOf } from './samples.ts';
import { childOf, cloned } from './wire.ts';
import type { Steps } from './wire.ts';

export interface Place {
  /** As field violations name it, such as `operations[0].put.json`. */
  readonly name: string;
  readonly steps: Steps;
  /** A valid request in which everything on the way to the field is there. */
  readonly request: ReflectMessage;
}

/** Messages that hold themselves are followed so far. */
const depthMax = 6;

/** All places in a valid request. */
export function placesIn(request: ReflectMessage): Place[] {
  return placesBelow(request, request, [], '');
}

function placesBelow(root: ReflectMessage, message: ReflectMessage, steps: Steps, prefix: string): Place[] {
  return message.desc.fields.flatMap((field) => {
    const own = [...steps, field];
    const name = `${prefix}${field.name}`;
    const place = { name, steps: own, request: root };
    if (!holdsMessages(field) || own.length >= depthMax || isRecursive(steps, field)) return [place];
    const whole = withSample(root, own);
    const child = own.reduce<ReflectMessage | undefined>(
      (at, step) => (at === undefined ? at : childOf(at, step)),
      whole,
    );
    if (child === undefined) throw new Error(`${name} was not filled in`);
    const inner = field.fieldKind === 'list' ? `${name}[0].` : `${name}.`;
    return [{ ...place, request: whole }, ...placesBelow(whole, child, own, inner)];
  });
}

function holdsMessages(field: DescField): boolean {
  return field.fieldKind === 'message' || (field.fieldKind === 'list' && field.listKind === 'message');
}

/** `google.protobuf.Value` and its like: once around is enough. */
function isRecursive(steps: Steps, field: DescField): boolean {
  return steps.filter(({ parent }) => parent.typeName === field.parent.typeName).length > 0;
}

/** The request with something valid in each field on the way. */
function withSample(root: ReflectMessage, steps: Steps): ReflectMessage {
  const copy = cloned(root);
  let at = copy;
  for (const field of steps) {
    let child = childOf(at, field);
    if (child === undefined) {
      const sample = sampleOf(field.message ?? field.parent);
      if (field.fieldKind === 'message') at.set(field, sample);
      else if (field.fieldKind === 'list') at.get(field).add(sample);
      child = childOf(at, field);
    }
    if (child === undefined) throw new Error(`${field.toString()} holds no message`);
    at = child;
  }
  return copy;
}
