/** An object of a line. */
import type { JsonValue } from '../api.ts';

export type JsonRecord = { readonly [key: string]: JsonValue };
