/** What a task wrote in one call, and how that joins what is there of it already. */
import { WRITES_IDX_MAP, type PendingWrite } from '@langchain/langgraph-checkpoint';
import { HyperloomLangGraphError } from './errors.ts';
import { inlineDataBytesMax, nodeBytesMax } from './limits.ts';
import { own, type TaskWrites } from './record.ts';
import { attachments, type Attachments, type Serializer } from './serializer.ts';
import type { Plain } from './stored-json.ts';

type Entry = TaskWrites['writes'][number];

export class TaskCall {
  /** What the writes name. */
  readonly attached: Attachments = attachments();
  readonly #serializer: Serializer;
  readonly #taskId: string;
  /** Each with its value. */
  readonly #told: { entry: Entry; readonly value: unknown }[] = [];

  private constructor(serializer: Serializer, taskId: string) {
    this.#serializer = serializer;
    this.#taskId = taskId;
  }

  static async of(
    writes: readonly PendingWrite[],
    taskId: string,
    serializer: Serializer,
  ): Promise<TaskCall> {
    const call = new TaskCall(serializer, taskId);
    for (const [place, [channel, value]] of writes.entries()) {
      const encoded = await serializer.encode(value, call.attached, call.#what(channel));
      const index = own(WRITES_IDX_MAP, channel) ?? place;
      call.#told.push({ entry: [index, channel, JSON.parse(encoded) as Plain], value });
    }
    return call;
  }

  /** The node's JSON, upon what is there. Where one node does not take it, the largest writes become bytes. */
  async textUpon(present: string | undefined): Promise<string> {
    const before = present === undefined ? undefined : (JSON.parse(present) as TaskWrites);
    for (;;) {
      const writes = this.#joined(before?.writes ?? []);
      const text = JSON.stringify({ path: before?.path ?? '', writes });
      const excess = Buffer.byteLength(text) - nodeBytesMax;
      if (excess <= 0) return text;
      if (await this.#moveLargest(writes, excess)) continue;
      throw new HyperloomLangGraphError(
        `the ${writes.length} writes of task ${this.#taskId} take ${excess} bytes more than the ${nodeBytesMax} of a node; write less in one step`,
      );
    }
  }

  /** By index: those of a later call do not replace ordinary ones of an earlier. */
  #joined(before: readonly Entry[]): readonly Entry[] {
    const byIndex = new Map(before.map((entry) => [entry[0], entry]));
    for (const { entry } of this.#told)
      if (entry[0] < 0 || !byIndex.has(entry[0])) byIndex.set(entry[0], entry);
    return [...byIndex.values()].sort(([a], [b]) => a - b);
  }

  /** Makes bytes of the largest of these writes until `excess` bytes are saved; false where none of them may be. */
  async #moveLargest(writes: readonly Entry[], excess: number): Promise<boolean> {
    const joined = new Set(writes);
    const movable = this.#told
      .filter(({ entry }) => joined.has(entry) && isShared(entry))
      .map((told) => ({ told, size: sizeOf(told.entry) }))
      .filter(({ size }) => size > 2 * inlineDataBytesMax)
      .sort((a, b) => b.size - a.size);
    let left = excess;
    for (const { told, size } of movable) {
      if (left <= 0) break;
      const [index, channel] = told.entry;
      const encoded = await this.#serializer.encodeWhole(told.value, this.attached, this.#what(channel));
      told.entry = [index, channel, JSON.parse(encoded) as Plain];
      left -= size - sizeOf(told.entry);
    }
    return movable.length > 0;
  }

  #what(channel: string): string {
    return `the write of task ${this.#taskId} to ${JSON.stringify(channel)}`;
  }
}

function isShared([, , encoded]: Entry): boolean {
  return typeof encoded === 'object' && encoded !== null && 'json' in encoded;
}

function sizeOf(entry: Entry): number {
  return Buffer.byteLength(JSON.stringify(entry));
}
