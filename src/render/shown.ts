/** What is shown of a value. */
import { jsonText } from '../state/values/value.ts';
import type { Value } from '../state/values/value.ts';
import type { Path } from '../trie/path.ts';

/** A value as a model is to read it. */
export type Shown =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'json'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: number }
  /** `json` is ProtoJSON; `null` where there is none. */
  | { readonly kind: 'message'; readonly type: string; readonly json: string | null; readonly bytes: number };

/** The ProtoJSON of a message, or `null` where it has none. */
export type MessageJson = (value: Value, path: Path) => string | null;

/** Shows a value. */
export function show(value: Value, path: Path, messageJson: MessageJson): Shown {
  const { kind, data, bytes, type } = value;
  switch (kind) {
    case 'text':
      return { kind, text: data };
    case 'json':
    case 'items':
      return { kind: 'json', text: jsonText(value) };
    case 'bytes':
      return { kind, bytes };
    case 'message':
      return { kind, type: typeName(type), json: messageJson(value, path), bytes };
  }
}

/** The name in a type URL. What is no name is not repeated: the URL is whatever its author has written. */
function typeName(url: string): string {
  const name = url.slice(url.lastIndexOf('/') + 1);
  return /^[A-Za-z_][\w.]*$/.test(name) ? name : '';
}
