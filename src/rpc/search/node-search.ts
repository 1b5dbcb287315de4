/** Looks for a text in nodes: in their paths, and in values of the kinds that are read. */
import { searchBytesPerField } from '../../base/limits.ts';
import { type SearchHit, SearchHitSchema } from '../../gen/hyperloom/v1/search_pb.ts';
import { create } from '@bufbuild/protobuf';
import type { ValueForms } from '../../schema/value-forms.ts';
import type { Bindings, Bound } from '../../state/schemas/schema-table.ts';
import { jsonText } from '../../state/values/value.ts';
import type { Entry } from '../../state/values/value.ts';
import type { Visited } from '../../trie/iterate.ts';
import { formatPath } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import { type CountChildren, nodeMessage } from '../convert/node.ts';
import { excerptOf } from './excerpt.ts';
import { findIn, findInJson } from './needle.ts';
import type { Found, Needle } from './needle.ts';

/** Where to look. */
export type Target = 'everything' | 'paths' | 'values';

/** What paths are bound to: on the trunk, and for what is staged where it is a ghost that is looked at. */
export interface SearchedSchemas {
  readonly trunk: Bindings;
  readonly staged: Bindings;
}

/** Where a value holds the text. */
interface FoundValue {
  readonly text: string;
  readonly found: Found;
  readonly field: string;
}

export class NodeSearch {
  readonly #needle: Needle;
  readonly #target: Target;
  readonly #forms: ValueForms;
  readonly #schemas: SearchedSchemas;
  readonly #countChildren: CountChildren | undefined;
  #examinedBytes = 0;

  constructor(
    needle: Needle,
    target: Target,
    forms: ValueForms,
    schemas: SearchedSchemas,
    countChildren?: CountChildren,
  ) {
    this.#needle = needle;
    this.#target = target;
    this.#forms = forms;
    this.#schemas = schemas;
    this.#countChildren = countChildren;
  }

  /** What was looked at so far. */
  get examinedBytes(): number {
    return this.#examinedBytes;
  }

  /** Tells a node that holds the text; `null` for all others. Yields where the event loop may have a turn. */
  *look(visited: Visited<Entry>): Generator<void, SearchHit | null> {
    const { path, node } = visited;
    const isNamed = this.#target !== 'values' && (yield* this.#isInPath(path));
    const value =
      this.#target === 'paths' || node.entry === null ? null : yield* this.#inValue(path, node.entry);
    if (!isNamed && value === null) return null;
    const hit = create(SearchHitSchema, { node: nodeMessage(path, visited, null, this.#countChildren) });
    if (value === null) return hit;
    const { text, match, matchLength } = excerptOf(value.text, value.found);
    hit.excerpt = text;
    hit.excerptMatch = match;
    hit.excerptMatchLength = matchLength;
    hit.field = value.field;
    return hit;
  }

  /** Whether the path holds it where it reaches into the last segment: what is above was found with the nodes above. */
  *#isInPath(path: Path): Generator<void, boolean> {
    const text = formatPath(path);
    const from = Math.max(0, text.lastIndexOf('/') - this.#needle.length + 1);
    this.#examinedBytes += text.length - from;
    return (yield* findIn(this.#needle, text, from)) !== null;
  }

  *#inValue(path: Path, entry: Entry): Generator<void, FoundValue | null> {
    if (entry.bytes < this.#needle.length) return null;
    switch (entry.kind) {
      case 'text':
        return yield* this.#inText(entry.data);
      case 'json':
      case 'items':
        return yield* this.#inJson(jsonText(entry));
      case 'message':
        return yield* this.#inMessage(path, entry);
      case 'bytes':
        return null;
    }
  }

  *#inText(text: string, field = ''): Generator<void, FoundValue | null> {
    this.#examinedBytes += text.length;
    const found = yield* findIn(this.#needle, text);
    return found === null ? null : { text, found, field };
  }

  *#inJson(text: string): Generator<void, FoundValue | null> {
    this.#examinedBytes += text.length;
    const found = yield* findInJson(this.#needle, text);
    return found === null ? null : { text, found, field: '' };
  }

  *#inMessage(path: Path, entry: Entry): Generator<void, FoundValue | null> {
    const bound = this.#boundAt(path, entry);
    const texts = bound === null ? null : this.#forms.texts(entry, bound);
    if (texts === null) return null;
    let fields = 0;
    for (const told of texts) {
      this.#examinedBytes += searchBytesPerField;
      fields += 1;
      if (fields % fieldsPerStep === 0) yield;
      if (told === null || told.text.length < this.#needle.length) continue;
      const found = yield* this.#inText(told.text, told.field);
      if (found !== null) return found;
    }
    return null;
  }

  /** What is staged was written by the schemas of now, what is not by those of its revision. */
  #boundAt(path: Path, { modified }: Entry): Bound | null {
    return (modified < 0 ? this.#schemas.staged : this.#schemas.trunk).find(path);
  }
}

/** Fields of a message between two steps: some 100 µs. */
const fieldsPerStep = 512;
