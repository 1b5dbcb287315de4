/**
 * Asks the user before a ghost of another agent is committed or reverted, where the client can ask. The answer is for the ghost as the
 * user was told of it: its edition travels with the question, sealed, and where it has changed meanwhile the user is asked anew.
 */
import { inputRequired, inputResponse, type InputRequiredResult } from '@modelcontextprotocol/server';

import type { GhostInfo } from '../../clients/typescript/src/index.ts';
import type { AskedOf } from './bridge.ts';
import type { Call } from './call.ts';
import { canAsk } from './client-capabilities.ts';
import { WrongUse } from './wrong-use.ts';
import { beginningOf } from './shapes/window.ts';

const question = 'confirm';

/** A question for the user, or nothing where none has to be asked any more. Throws where the user has declined. */
export async function confirmed(
  call: Call,
  ghost: GhostInfo,
  verb: 'commit' | 'revert',
): Promise<InputRequiredResult | undefined> {
  if (ghost.author === call.client.author || !canAsk(call)) return undefined;
  const { mcpReq } = call.context;
  const asked = mcpReq.requestState<AskedOf>();
  const answer = inputResponse(mcpReq.inputResponses, question);
  if (answer.kind === 'elicit' && asked?.ghostId === ghost.id && asked.edition === ghost.edition) {
    if (answer.action !== 'accept')
      throw new WrongUse(
        `the user does not want ghost ${ghost.id} to be ${verb === 'commit' ? 'committed' : 'reverted'}`,
      );
    return undefined;
  }
  return inputRequired({
    inputRequests: { [question]: inputRequired.elicit({ message: messageOf(ghost, verb), requestedSchema }) },
    requestState: await call.bridge.asked.mint({ ghostId: ghost.id, edition: ghost.edition }, call.context),
  });
}

/** Nothing is to be filled in: to accept is the answer. */
const requestedSchema = { type: 'object' as const, properties: {} };

function messageOf({ id, author, label, stagedOperations }: GhostInfo, verb: string): string {
  const whose = author === '' ? 'somebody else' : author;
  const what = label === '' ? id : `${JSON.stringify(beginningOf(label, 200))} (${id})`;
  const effect = verb === 'commit' ? 'becomes visible to everybody' : 'is dropped';
  return `May the ghost ${what} of ${whose} be ${verb === 'commit' ? 'committed' : 'reverted'}? What is staged in it (${stagedOperations} operations) ${effect}.`;
}
