/** `SnapshotNode` → what is to be built. */
import { entryOf } from '../state/values/value.ts';
import type { Entry } from '../state/values/value.ts';
import { readValue } from './value.ts';
import type { WireReader } from './wire-reader.ts';

/** A node of a tree or of a difference. */
export interface NodeItem {
  depth: number;
  segment: string;
  touched: number;
  grafted: number;
  sameValue: boolean;
  removed: boolean;
  entry: Entry | null;
}

/** Reads a node into `item`, which is the same for all: there are millions. */
export function readNode(reader: WireReader, item: NodeItem): void {
  item.depth = 0;
  item.segment = '';
  item.touched = 0;
  item.grafted = 0;
  item.sameValue = false;
  item.removed = false;
  item.entry = null;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case 1:
        item.depth = reader.uint();
        break;
      case 2:
        item.segment = reader.repeatedText();
        break;
      case 3:
        item.touched = reader.sint();
        break;
      case 4:
        item.grafted = reader.sint();
        break;
      case 5:
        item.sameValue = reader.boolean();
        break;
      case 6:
        item.entry = readEntry(reader);
        break;
      case 12:
        item.removed = reader.boolean();
        break;
      default:
        reader.unknown('SnapshotNode');
    }
  }
}

/** Reads the value, and behind it all the fields that belong to a value. */
function readEntry(reader: WireReader): Entry {
  const value = readValue(reader, 'node');
  let created = 0;
  let modified = 0;
  let assigned = 0;
  let version = 0;
  let author = '';
  for (let field = reader.peek(); field >= 7 && field <= 11; field = reader.peek()) {
    reader.next();
    if (field === 7) created = reader.sint();
    else if (field === 8) modified = reader.sint();
    else if (field === 9) assigned = reader.sint();
    else if (field === 10) version = reader.uint();
    else author = reader.repeatedText();
  }
  return entryOf(value, { created, modified, assigned, version }, author);
}
