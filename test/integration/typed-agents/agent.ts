/** An agent in TypeScript that shares notes with agents in other languages, each as messages of its own. */
import { createInterface } from 'node:readline';
import { create } from '@bufbuild/protobuf';
import {
  connect,
  PreconditionFailedError,
  SchemaViolationError,
  type Client,
} from '../../../clients/typescript/src/index.ts';
import { ResearchNoteNode } from '../../../clients/typescript/src/testing/gen/acme/v1/research_hyperloom.ts';
import {
  ResearchNoteSchema,
  type ResearchNote,
} from '../../../clients/typescript/src/testing/gen/acme/v1/research_pb.ts';
import type { Line, Named, Told } from './lines.ts';

function message({ citations, reviewer, ...told }: Told): ResearchNote {
  return create(ResearchNoteSchema, {
    ...told,
    sources: [...told.sources],
    citations: BigInt(citations),
    review: { reviewer },
  });
}

function tell({ claim, sources, confidence, citations, review, labels }: ResearchNote): Told {
  return {
    claim,
    sources,
    confidence,
    citations: String(citations),
    reviewer: review?.reviewer ?? '',
    labels,
  };
}

class Agent {
  readonly #client: Client;
  readonly #seen: Named[] = [];
  #onSeen = (): void => undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  async answer(line: Line): Promise<object> {
    try {
      return await this.#do(line);
    } catch (error) {
      if (!(error instanceof SchemaViolationError)) throw error;
      const { path, schema } = error.metadata;
      return { path, schema, problems: error.problems };
    }
  }

  async #do(line: Line): Promise<object> {
    const notes = this.#client.typed(ResearchNoteNode);
    switch (line.do) {
      case 'put': {
        const { revision } = await notes.put(at(line), message(line.value));
        return { revision };
      }
      case 'stage': {
        await using ghost = await this.#client.ghost();
        await ghost.typed(ResearchNoteNode).put(at(line), message(line.value));
        await ghost.commit();
        return {};
      }
      case 'get': {
        const { value, author } = await notes.get(at(line));
        return { value: tell(value), author };
      }
      case 'list': {
        const found: Named[] = [];
        for await (const { variables, value } of notes.list({ session: line.session }))
          found.push({ note: variables.note, value: tell(value) });
        return { notes: found };
      }
      case 'cite':
        await this.#cite(at(line), line.times);
        return {};
      case 'watch': {
        // The loop begins with what is there: from then on nothing is missed.
        const begun = Promise.withResolvers<void>();
        this.#watch(line.session, begun.resolve).catch(begun.reject);
        await begun.promise;
        return {};
      }
      case 'saw':
        while (this.#seen.length < line.count)
          await new Promise<void>((resolve) => {
            this.#onSeen = resolve;
          });
        return { seen: this.#seen };
    }
  }

  async #watch(session: string, onBegun: () => void): Promise<void> {
    for await (const item of this.#client.typed(ResearchNoteNode).subscribe({ session })) {
      if (item.kind === 'snapshot') onBegun();
      if (item.kind !== 'event') continue;
      for (const { result } of item.changes)
        if (result !== undefined) this.#seen.push({ note: result.variables.note, value: tell(result.value) });
      this.#onSeen();
    }
  }

  async #cite(where: { session: string; note: string }, times: number): Promise<void> {
    const notes = this.#client.typed(ResearchNoteNode);
    for (let left = times; left > 0;) {
      const read = await notes.get(where, { consistency: 'linearizable' });
      const value = { ...read.value, citations: read.value.citations + 1n };
      try {
        await notes.put(where, value, { preconditions: [read.unchanged()] });
        left -= 1;
      } catch (error) {
        if (!(error instanceof PreconditionFailedError)) throw error;
      }
    }
  }
}

function at({ session, note }: { readonly session: string; readonly note: string }): {
  session: string;
  note: string;
} {
  return { session, note };
}

await using client = connect(process.env['HYPERLOOM_ADDRESS'] ?? '', {
  author: 'typescript',
  timeoutMs: 120_000,
});
const agent = new Agent(client);
for await (const line of createInterface(process.stdin))
  console.log(JSON.stringify(await agent.answer(JSON.parse(line) as Line)));
