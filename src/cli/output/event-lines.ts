/** Events for people: a head line, and a line for each change. */
import {
  stringifyJson,
  TypedMessage,
  type Change,
  type Event,
  type GhostTransition,
} from '../../../clients/typescript/src/index.ts';
import { flowLines, type Part } from './flow.ts';
import type { Style } from './style.ts';
import { byteSize, counted, oneLine, timeText, visible } from './text.ts';
import { messageText, quoted, valueLine } from './values.ts';
import { cutEnd, cutMiddle, widthOf } from './width.ts';

const changesShownMax = 20;
/** Before all lines of an event but its first. */
const indentWidth = 4;
/** However narrow the terminal is, so much is shown of a path; and of what was done there, so much or nothing. */
const pathWidthMin = 20;
const detailWidthMin = 8;

/** The lines of an event, no wider than `columns`. */
export function eventLines(event: Event, style: Style, columns: number): readonly string[] {
  const lines = [...flowLines(headParts(event, style, columns - indentWidth), columns)];
  for (const change of event.changes.slice(0, changesShownMax))
    lines.push(changeLine(change, style, columns));
  const more = event.changes.length - changesShownMax;
  if (more > 0) lines.push(style.dim(`    and ${counted(more, 'more change')}`));
  return lines;
}

/** `room`: the widest that a part can be in a line of its own. What people have written is cut at its end. */
function headParts(event: Event, style: Style, room: number): readonly Part[] {
  const { revision, ghostId, transition, label, revertedRevision, leaseId } = event;
  const parts: Part[] = [
    revision > 0 ? [`r${revision}`, style.yellow] : ['ghost', style.dim],
    [timeText(event.time), style.dim],
    [oneLine(event.author === '' ? '(no author)' : event.author, room), style.bold],
  ];
  if (ghostId !== '') parts.push([visible(ghostId), style.cyan]);
  if (transition !== undefined) parts.push(...transitionParts(transition, style, room));
  if (leaseId !== '') parts.push([`with lease ${visible(leaseId)}`, style.red]);
  if (revertedRevision > 0) parts.push([`reverts r${revertedRevision}`, style.red]);
  if (label !== '') parts.push([oneLine(label, room), (text) => text]);
  return parts;
}

function transitionParts(
  { kind, sequence, checkpoint, reason, droppedOperations }: GhostTransition,
  style: Style,
  room: number,
): readonly Part[] {
  const isLoss = kind === 'reverted' || kind === 'rewound' || kind === 'expired';
  const look = isLoss ? style.red : style.green;
  const words = [kind === 'commit_requested' ? 'waits for reviewers' : kind];
  // As "trace" takes it behind the ghost's id.
  if (kind === 'staged') words.push(`#${sequence}`);
  if (checkpoint !== '') words.push(kind === 'rewound' ? `to ${visible(checkpoint)}` : visible(checkpoint));
  if (droppedOperations > 0) words.push(`(${counted(droppedOperations, 'operation')} dropped)`);
  const parts: Part[] = [[words.join(' '), look]];
  if (reason !== '') parts.push([oneLine(`because: ${reason}`, room), look]);
  return parts;
}

function changeLine(change: Change, style: Style, columns: number): string {
  const verb = change.action.padEnd(9);
  const path = cutMiddle(visible(change.path), Math.max(pathWidthMin, columns - verb.length - 6));
  const room = columns - verb.length - widthOf(path) - 8;
  const detail = room < detailWidthMin ? '' : cutEnd(detailOf(change, room), room);
  const colour = change.action === 'delete' ? style.red : style.green;
  return `    ${colour(verb)}  ${path}${detail === '' ? '' : `  ${style.dim(detail)}`}`;
}

function detailOf(change: Change, room: number): string {
  switch (change.action) {
    case 'put':
      return valueLine(change, room);
    case 'append': {
      const { addition } = change;
      if (typeof addition === 'string') return quoted(addition, room);
      if (addition instanceof Uint8Array) return `<${byteSize(addition.length)}>`;
      if (addition instanceof TypedMessage) return messageText(addition);
      return oneLine(stringifyJson(addition), room);
    }
    case 'merge':
      if (change.patch instanceof TypedMessage) {
        const fields = change.mask.length === 0 ? '' : ` ${change.mask.join(', ')}`;
        return oneLine(`${messageText(change.patch)}${fields}`, room);
      }
      return oneLine(stringifyJson(change.patch), room);
    case 'increment': {
      const field = change.field === '' ? '' : `${visible(change.field)} `;
      return `${field}by ${change.amount} to ${stringifyJson(change.sum)}`;
    }
    case 'delete':
      return change.scope === 'node' ? 'its value only' : '';
    case 'copy':
      return `from ${visible(change.source)}${change.sourceRevision > 0 ? ` at r${change.sourceRevision}` : ''}`;
  }
}
