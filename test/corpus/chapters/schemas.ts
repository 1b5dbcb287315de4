/** Schemas in both languages, in versions, some of them refused; values of theirs; and a forest that is strict. */
import { UnboundPaths } from '../../../src/gen/hyperloom/v1/schema_pb.ts';
import { putJson } from '../../support/broker.ts';
import { buildProtos, jsonSchema, messageOf, protobuf, putMessage } from '../../support/schemas.ts';
import { expectRefusal } from '../story.ts';
import type { Chapter } from '../story.ts';

const forest = 'typed';

/** Without rules, whose own descriptors would be most of the entry. */
const notes = (more: string): Uint8Array =>
  buildProtos({
    'acme/v1/note.proto': `syntax = "proto3";
package acme.v1;
import "hyperloom/v1/node_options.proto";
message Note {
  option (hyperloom.v1.node).path = "/{session}/notes/{note}";
  string claim = 1;
  ${more}
}`,
  });

const counters = (maximum: number) => jsonSchema('/{session}/counters/{name}', { type: 'integer', maximum });

export const schemas: Chapter = {
  name: 'schemas',
  async tell(story) {
    const { clients } = story;
    const author = 'owner';
    await clients.forests.createForest({ name: forest });
    const register = (name: string, definition: ReturnType<typeof protobuf>, expectedVersion = 0n) =>
      clients.schemas.registerSchema({
        forest,
        name,
        definition,
        expectedVersion,
        author,
        requestId: story.requestId(),
      });
    const [first, second] = [notes(''), notes('repeated string sources = 2;')];
    const note = messageOf(second, 'acme.v1.Note');
    await register('notes', protobuf(first));
    await register('counters', counters(10));
    const operations = [putMessage('/s/notes/a', note, { claim: 'wet' }), putJson('/s/counters/a', 9)];
    await story.publish({ forest, operations });
    await story.refuse('SCHEMA_VIOLATION', { forest, operations: [putJson('/s/counters/a', 11)] });
    await expectRefusal('SCHEMA_STORED', register('counters', counters(5)));
    await register('notes', protobuf(second), 1n);
    const set = (unboundPaths: UnboundPaths) =>
      clients.schemas.setUnboundPaths({ forest, unboundPaths, author, requestId: story.requestId() });
    await set(UnboundPaths.REFUSED);
    await story.refuse('UNBOUND_PATH', { forest, operations: [putJson('/s/free', 1)] });
    await set(UnboundPaths.FREE);
    await set(UnboundPaths.REFUSED);
    // With a snapshot, and something behind it. The other forest gets one too: an entry keeps no empty folders.
    await clients.forests.compact({ forest });
    await story.publish({ operations: [putJson('/free', 1)] });
    await clients.forests.compact({});
    await register('counters', counters(20));
    await story.publish({ forest, operations: [putJson('/s/counters/a', 15)] });
    await set(UnboundPaths.FREE);
  },
};
