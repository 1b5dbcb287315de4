/**
 * Asks the user before a ghost of another agent is committed or reverted, where the client can ask. The answer is for what the user was told, and for the
 * ghost as it was: both travel with the question, sealed, and where anything is different by then the user is asked anew.
 */
import { isDeepStrictEqual } from 'node:util';

import { inputRequired, inputResponse, type InputRequiredResult } from '@modelcontextprotocol/server';

import { unreachable } from '../base/assert.ts';
import type { GhostInfo } from '../../clients/typescript/src/index.ts';
import type { AskedOf, Deed } from './asked-of.ts';
import type { Call } from './call.ts';
import { canAsk } from './client-capabilities.ts';
import { WrongUse } from './wrong-use.ts';
import { beginningOf } from './shapes/window.ts';

const question = 'confirm';

export interface Confirmed {
  /** For the user; `undefined` where nothing has to be asked any more. */
  readonly question: InputRequiredResult | undefined;
  /** What the user has approved; `undefined` where nobody was asked. */
  readonly edition: number | undefined;
}

/** Finds out whether it may be done. Throws where the user has declined. */
export async function confirmed(call: Call, ghost: GhostInfo, deed: Deed): Promise<Confirmed> {
  const { client, bridge } = call;
  const own = client.author === '' ? bridge.principal : client.author;
  if (ghost.author === own || !canAsk(call)) return { question: undefined, edition: undefined };
  const { mcpReq } = call.context;
  const about: AskedOf = { ghostId: ghost.id, edition: ghost.edition, deed };
  const answer = inputResponse(mcpReq.inputResponses, question);
  if (answer.kind === 'elicit' && isDeepStrictEqual(mcpReq.requestState<AskedOf>(), about)) {
    if (answer.action !== 'accept')
      throw new WrongUse(`the user does not want ghost ${ghost.id} to ${doing(deed)}`);
    return { question: undefined, edition: ghost.edition };
  }
  const asked = inputRequired({
    inputRequests: { [question]: inputRequired.elicit({ message: messageOf(ghost, deed), requestedSchema }) },
    requestState: await bridge.asked.mint(about, call.context),
  });
  return { question: asked, edition: undefined };
}

/** Nothing is to be filled in: to accept is the answer. */
const requestedSchema = { type: 'object' as const, properties: {} };

function messageOf(ghost: GhostInfo, deed: Deed): string {
  const { id, author, label } = ghost;
  const whose = author === '' ? 'somebody else' : author;
  const what = label === '' ? id : `${JSON.stringify(beginningOf(label, 200))} (${id})`;
  return `May the ghost ${what} of ${whose} ${doing(deed)}? ${effectOf(ghost, deed)}.`;
}

function doing(deed: Deed): string {
  switch (deed.verb) {
    case 'commit':
      return 'be committed';
    case 'revert':
      return 'be reverted';
    case 'rewind':
      return deed.checkpoint === ''
        ? 'go back to its beginning'
        : `go back to its checkpoint ${JSON.stringify(deed.checkpoint)}`;
    default:
      return unreachable(deed);
  }
}

function effectOf({ stagedOperations, checkpoints }: GhostInfo, deed: Deed): string {
  const all = `What is staged in it (${stagedOperations} operations)`;
  if (deed.verb === 'commit') return `${all} becomes visible to everybody`;
  if (deed.verb === 'revert') return `${all} is dropped`;
  const kept = checkpoints.find(({ name }) => name === deed.checkpoint)?.stagedOperations ?? 0;
  return `What was staged since (${stagedOperations - kept} operations) is dropped`;
}
