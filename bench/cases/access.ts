/** What it costs a publish that somebody is asked who they are and what they may do: the door, the look-up of rights, and the question for its paths. */
import { Gatekeeper } from '../../src/access/gatekeeper.ts';
import { parsePolicy } from '../../src/access/policy-file.ts';
import { hashOf, newToken } from '../../src/access/token.ts';
import { systemClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { guardedDoor, openDoor, type Door } from '../../src/rpc/access/door.ts';
import { allowPublish } from '../../src/rpc/access/publish-rights.ts';
import type { Publish } from '../../src/state/command.ts';
import { reject } from '../../src/state/outcome.ts';
import type { Case, Subject } from '../harness/case.ts';

const method = '/hyperloom.v1.ContextService/Publish';

function publishes(author: string): readonly Publish[] {
  return Array.from({ length: 100 }, (_, index): Publish => {
    const path = ['team_9', `agent_${index}`, 'memory', 'note'];
    const value = { kind: 'text', data: 'x'.repeat(200), bytes: 200, type: '' } as const;
    const operations = [{ kind: 'put', path, value }] as const;
    return {
      kind: 'publish',
      author,
      ghostId: '',
      operations,
      preconditions: [],
      basis: [],
      label: '',
      request: null,
    };
  });
}

/** Ten grants, of which the last one is the one that counts. */
function guardedDoorOf(): { readonly door: Door; readonly authorization: string } {
  const grants = Array.from({ length: 10 }, (_, index) => ({
    principals: 'planner',
    paths: `/team_${index}/**`,
    may: ['read', 'write'],
  }));
  const policy = parsePolicy(JSON.stringify({ version: 1, grants }), 'bench');
  const { id, token } = newToken(seededRandom(1));
  const stored = {
    id,
    principal: 'planner',
    groups: [],
    hash: hashOf(token),
    label: '',
    createdMs: 0,
    expiresMs: null,
  };
  const gatekeeper = new Gatekeeper({ policy, tokens: [stored], keyFiles: new Map() }, systemClock);
  const door = guardedDoor({ gatekeeper, isPublic: () => false, onRefused: () => undefined });
  return { door, authorization: `Bearer ${token}` };
}

function subject(
  name: string,
  author: string,
  doorOf: () => { door: Door; authorization: string | undefined },
): Subject {
  return {
    name,
    start(context) {
      const { door, authorization } = doorOf();
      const count = context.size(3_000_000, 1_000);
      const commands = publishes(author);
      // Publishes to the trunk ask for no forest.
      const forests = { get: () => reject('FOREST_NOT_FOUND', 'there is none') };
      let done = 0;
      const ask = (rounds: number): void => {
        for (let round = 0; round < rounds; round += 1) {
          const caller = door({ method, authorization, certificate: undefined, peer: '127.0.0.1:1' });
          const command = commands[round % commands.length];
          if (caller instanceof Promise || command === undefined)
            throw new Error('the caller is not known at once');
          done += allowPublish(forests, caller, '', command).operations.length;
        }
      };
      const measure = (): Promise<Readonly<Record<string, number>>> => {
        ask(Math.ceil(count / 10));
        const before = process.cpuUsage();
        ask(count);
        if (done === 0) throw new Error('nothing was asked');
        const { user, system } = process.cpuUsage(before);
        return Promise.resolve({ cpuUs: (user + system) / count });
      };
      return Promise.resolve({ measure, stop: () => Promise.resolve() });
    },
  };
}

/** See above. */
export const accessCases: readonly Case[] = [
  {
    name: 'access/publish',
    about:
      'Who calls, by a token that was seen before, and whether it may put a node by the last of its ten grants. A publish takes some 10 to 20 µs in all.',
    subjects: [
      subject('nobody is asked', 'bench', () => ({ door: openDoor, authorization: undefined })),
      subject('a token and ten grants', 'planner', guardedDoorOf),
    ],
    figures: [
      { text: 'CPU µs a publish', metric: 'cpuUs', of: 'a token and ten grants', bound: { atMost: 1 } },
    ],
  },
];
