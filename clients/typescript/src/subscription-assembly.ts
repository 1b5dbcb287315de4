/**
 * Turns the messages of a subscription's streams into items: whole, in order, each exactly once across streams. The rules:
 *
 * - A snapshot is complete with the first bookmark, so it is handed out then, and begun anew if the stream broke before.
 * - A large event comes in parts.
 * - Several events may share one journal position. So a stream that broke is resumed just before the last position seen, and as many
 *   events of that position as were handed out already are skipped.
 */
import { readEvent } from './event.ts';
import type { Bookmark, SubscribeResponse } from './gen/hyperloom/v1/context_service_pb.ts';
import type { Event as WireEvent } from './gen/hyperloom/v1/event_pb.ts';
import { readAge, readNode, type Node } from './node.ts';
import type { SubscriptionItem } from './subscription-item.ts';
import type { ResumePoint } from './subscription-request.ts';

export class Assembly {
  readonly #start: ResumePoint;
  #nodes: Node[] = [];
  #snapshotRevision = 0;
  #parts: WireEvent[] = [];
  /** The newest that was seen; before there is one, `undefined`. */
  #position: number | undefined;
  /** Events of that position that were handed out; none where a bookmark covers it. */
  #handedOut = 0;
  #toSkip = 0;

  constructor(start: ResumePoint) {
    this.#start = start;
  }

  /** Where the next stream has to start. Call it before each: what came in pieces comes again. */
  beginStream(): ResumePoint {
    this.#nodes = [];
    this.#parts = [];
    this.#toSkip = this.#handedOut;
    if (this.#position === undefined) return this.#start;
    return { kind: 'position', position: this.#handedOut > 0 ? this.#position - 1 : this.#position };
  }

  /** The items that a message completes. */
  take({ message, more }: SubscribeResponse): SubscriptionItem[] {
    switch (message.case) {
      case 'snapshot':
        this.#snapshotRevision = Number(message.value.revision);
        for (const node of message.value.nodes) this.#nodes.push(readNode(node, this.#snapshotRevision));
        return [];
      case 'bookmark':
        return [this.#takeBookmark(message.value)];
      case 'event': {
        const items: SubscriptionItem[] = [];
        this.#takeEvent(message.value, items);
        for (const event of more) this.#takeEvent(event, items);
        return items;
      }
      default: // From a newer broker.
        return [];
    }
  }

  #takeBookmark(bookmark: Bookmark): SubscriptionItem {
    const [revision, position] = [Number(bookmark.revision), Number(bookmark.position)];
    const ageMs = readAge(bookmark.age);
    const completesSnapshot = this.#start.kind === 'snapshot' && this.#position === undefined;
    if (this.#position === undefined || position >= this.#position) {
      this.#position = position;
      this.#handedOut = 0;
    }
    if (!completesSnapshot) return { kind: 'bookmark', revision, position, ageMs };
    const nodes = this.#nodes;
    this.#nodes = [];
    return {
      kind: 'snapshot',
      nodes,
      revision: nodes.length > 0 ? this.#snapshotRevision : revision,
      position,
      ageMs,
    };
  }

  #takeEvent(part: WireEvent, items: SubscriptionItem[]): void {
    this.#parts.push(part);
    if (part.partsLeft > 0) return;
    const [first = part, ...further] = this.#parts;
    this.#parts = [];
    const event = readEvent(first, further);
    const { revision, position } = event;
    if (!this.#wasHandedOut(position)) items.push({ kind: 'event', event, revision, position });
  }

  #wasHandedOut(position: number): boolean {
    if (this.#position === undefined || position > this.#position) {
      this.#position = position;
      this.#handedOut = 1;
      this.#toSkip = 0;
      return false;
    }
    if (position < this.#position) return true;
    if (this.#toSkip > 0) {
      this.#toSkip -= 1;
      return true;
    }
    // A bookmark at a position covers all its events.
    if (this.#handedOut === 0) return true;
    this.#handedOut += 1;
    return false;
  }
}
