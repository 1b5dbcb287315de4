/** How old a view may be, as answers and bookmarks tell it. */
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import type { Duration } from '@bufbuild/protobuf/wkt';

/** The field for so many milliseconds; none where nobody is to know. */
export function aged(ageMs: number | null): { readonly age?: Duration } {
  return ageMs === null ? {} : { age: durationFromMs(Math.ceil(ageMs)) };
}
