/** How old a view may be, as answers, bookmarks and refusals tell it. */
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import type { Duration } from '@bufbuild/protobuf/wkt';

/** The field for so many milliseconds; none where nobody is to know. */
export function aged(ageMs: number | null): { readonly age?: Duration } {
  return ageMs === null ? {} : { age: durationFromMs(Math.ceil(ageMs)) };
}

/** The same among the details of a refusal. */
export function agedDetail(ageMs: number | null): { readonly age_ms?: number } {
  return ageMs === null ? {} : { age_ms: Math.ceil(ageMs) };
}
