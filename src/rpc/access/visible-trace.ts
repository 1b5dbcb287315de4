/** What a caller sees of a trace. It is told as messages, so it is chosen among them. */
import { create } from '@bufbuild/protobuf';
import { type Change, ChangeSchema, type Event, EventSchema } from '../../gen/hyperloom/v1/event_pb.ts';
import { CopySchema } from '../../gen/hyperloom/v1/operation_pb.ts';
import {
  DerivedPublishSchema,
  type SeenNode,
  type TraceEntry,
  TraceEntrySchema,
} from '../../gen/hyperloom/v1/trace_pb.ts';
import { parsePath } from '../../trie/path.ts';
import type { Call } from '../transport.ts';
import { deny } from './need.ts';
import type { Sight } from './visible.ts';

/** The publish that is traced. Refused where nothing that it did may be seen. */
export function visibleStart(start: Event, sight: Sight, call: Call): Event {
  if (sight.isWhole) return start;
  const told = visibleEvent(start, sight);
  if (told.changes.length === 0) deny(call.caller, 'read', sight.forestName);
  return told;
}

/** What of an entry may be told; `null` for nothing. */
export function visibleEntry(entry: TraceEntry, sight: Sight): TraceEntry | null {
  if (sight.isWhole) return entry;
  if (entry.entry.case === 'seen')
    return seesText(sight, entry.entry.value.basis?.path) ? childless(entry, entry.entry.value) : null;
  if (entry.entry.case !== 'derived') return null;
  const { event, links, standingPaths } = entry.entry.value;
  if (event === undefined) return null;
  const told = visibleEvent(event, sight);
  if (told.changes.length === 0) return null;
  const value = create(DerivedPublishSchema, {
    event: told,
    links: links.filter(({ basis }) => seesText(sight, basis?.path)),
    standingPaths: standingPaths.filter((path) => seesText(sight, path)),
  });
  return create(TraceEntrySchema, { hops: entry.hops, entry: { case: 'derived', value } });
}

/** Which children the node had then, and so which of them may be seen, is not known any more. */
function childless({ hops }: TraceEntry, { node, ...seen }: SeenNode): TraceEntry {
  const told = node === undefined ? {} : { node: { ...node, childCount: 0n } };
  return create(TraceEntrySchema, { hops, entry: { case: 'seen', value: { ...seen, ...told } } });
}

function visibleEvent(event: Event, sight: Sight): Event {
  // Who else had read what was reverted is told to those who may read everything.
  const { basisReverted: _agents, $typeName: _type, ...rest } = event;
  return create(EventSchema, {
    ...rest,
    changes: event.changes
      .filter(({ path }) => seesText(sight, path))
      .map((change) => visibleChange(change, sight)),
    basis: event.basis.filter(({ path }) => seesText(sight, path)),
  });
}

/** Where a copy came from is left out where that may not be read. */
function visibleChange(change: Change, sight: Sight): Change {
  const { action } = change;
  if (action.case !== 'copy' || seesText(sight, action.value.sourcePath)) return change;
  const value = create(CopySchema, { ...action.value, sourcePath: '' });
  return create(ChangeSchema, { ...change, action: { case: 'copy', value } });
}

function seesText(sight: Sight, text: string | undefined): boolean {
  const path = parsePath(text ?? '');
  return !('problem' in path) && sight.sees(path);
}
