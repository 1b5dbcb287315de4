/** All bad inputs of a method. */
import { create } from '@bufbuild/protobuf';
import type { DescMethod } from '@bufbuild/protobuf';

import { seededRandom } from '../../src/base/random.ts';
import { kindsOf, wholeKinds } from './kinds.ts';
import { placesIn } from './places.ts';
import type { Fields } from './requests.ts';
import { bytesOf, encodeWith, reflected } from './wire.ts';

/** One input: what is bad where, and its bytes. */
export interface Input {
  /** The field, as violations name it; empty for the message as a whole. */
  readonly field: string;
  readonly kind: string;
  readonly bytes: () => Uint8Array;
}

/** The inputs that can be made of a valid request. Always the same ones, in the same order, whatever ids it holds. */
export function inputsOf(method: DescMethod, fields: Fields): Input[] {
  const valid = reflected(method.input, create(method.input, fields));
  const bytes = bytesOf(valid);
  const random = seededRandom(4_711);
  const noise = (length: number): Uint8Array => Uint8Array.from({ length }, () => random.below(256));
  const whole = wholeKinds(bytes, noise).map(({ name, raw }) => ({ field: '', kind: name, bytes: raw }));
  const parts = placesIn(valid).flatMap(({ name, steps, request }) => {
    const last = steps.at(-1);
    if (last === undefined) return [];
    const before = Buffer.from(bytesOf(request));
    return (
      kindsOf(last)
        .map((kind) => ({
          field: name,
          kind: kind.name,
          bytes: () => encodeWith(request, steps, kind.raw()),
        }))
        // Where nothing stood, nothing cannot be missing.
        .filter((input) => input.kind !== 'absent' || !before.equals(input.bytes()))
    );
  });
  return [...whole, ...parts];
}
