/** What differs between two revisions, or between a ghost and its base. */
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { Agent } from './agent.ts';
import type { Connection } from './connection.ts';
import { ContextService, DiffRequestSchema } from './gen/hyperloom/v1/context_service_pb.ts';
import { readNodeOrUndefined, type Node } from './node.ts';
import type { DiffOptions } from './options.ts';
import { Paged } from './paged.ts';
import { wireForm } from './value-view.ts';

/** A path that differs; a side is `undefined` where the node is absent. */
export interface NodeDifference {
  readonly path: string;
  readonly before: Node | undefined;
  readonly after: Node | undefined;
}

/** Compares two revisions of the trunk; 0 as the second one is the newest. */
export function diffRevisions(
  connection: Connection,
  agent: Agent,
  fromRevision: number,
  toRevision: number,
  options: DiffOptions,
): Paged<NodeDifference> {
  const value = { fromRevision: BigInt(fromRevision), toRevision: BigInt(toRevision) };
  return differences(connection, agent, { case: 'revisions', value }, options);
}

/** Compares a ghost with its base. */
export function diffGhost(
  connection: Connection,
  agent: Agent,
  ghostId: string,
  options: DiffOptions,
): Paged<NodeDifference> {
  return differences(connection, agent, { case: 'ghostId', value: ghostId }, options);
}

type Sides = NonNullable<MessageInitShape<typeof DiffRequestSchema>['sides']>;

function differences(
  connection: Connection,
  agent: Agent,
  sides: Sides,
  options: DiffOptions,
): Paged<NodeDifference> {
  return new Paged(async (pageToken) => {
    const request = create(DiffRequestSchema, {
      forest: agent.forest,
      path: options.path ?? '',
      sides,
      pageSize: options.pageSize ?? 0,
      pageToken,
      form: wireForm(options.form),
    });
    const response = await connection.caller.unary(ContextService.method.diff, request, options);
    const items = response.differences.map(({ path, before, after }) => ({
      path,
      before: readNodeOrUndefined(before, 0),
      after: readNodeOrUndefined(after, 0),
    }));
    return { items, nextPageToken: response.nextPageToken, revision: 0 };
  });
}
