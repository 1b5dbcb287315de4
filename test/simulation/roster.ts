/** Who takes part in a run: the agents of each crowd, and the forests that they work in. */
import { audit } from './agents/auditor.ts';
import { keepTallies } from './agents/clerk.ts';
import { cross } from './agents/crosser.ts';
import { doubt, trace } from './agents/doubter.ts';
import { plant } from './agents/forester.ts';
import type { Woods } from './agents/forester.ts';
import { workInGhosts } from './agents/ghost-worker.ts';
import { rummage, takeBack, workInThePast } from './agents/historian.ts';
import { backUp, giveUp } from './agents/keeper.ts';
import { listen } from './agents/listener.ts';
import { intrude, workUnderLocks } from './agents/locker.ts';
import { oversee } from './agents/overseer.ts';
import { publish } from './agents/publisher.ts';
import { race } from './agents/racer.ts';
import { read } from './agents/reader.ts';
import { petition, review } from './agents/reviews.ts';
import { stream } from './agents/streamer.ts';
import { subscribe } from './agents/subscriber.ts';
import { live } from './agents/tenant.ts';
import { think } from './agents/thinker.ts';
import { type } from './agents/typist.ts';
import type { Client } from './client.ts';
import type { Crowd } from './swarm.ts';

export interface Agent {
  readonly name: string;
  readonly forest: string;
  readonly run: (client: Client) => Promise<void>;
}

/** The forest that exists from the start, and the one that neighbours have made for themselves. */
export const defaultForest = 'default';
export const neighbours = 'neighbours';

/** The agents of some crowds. `woods`: where those who make and delete forests note which must be there. */
export function agentsOf(crowds: readonly Crowd[], woods: Woods): readonly Agent[] {
  const chosen = crowds.flatMap((crowd) => membersOf(crowd, woods));
  const isMade = crowds.includes('neighbours');
  return [
    ...chosen,
    at(defaultForest, 'auditor', audit),
    ...(isMade ? [at(neighbours, 'second-auditor', audit)] : []),
  ];
}

function at(forest: string, name: string, run: (client: Client) => Promise<void>): Agent {
  return { name, forest, run };
}

function membersOf(crowd: Crowd, woods: Woods): readonly Agent[] {
  const here = (name: string, run: (client: Client) => Promise<void>): Agent => at(defaultForest, name, run);
  const there = (name: string, run: (client: Client) => Promise<void>): Agent => at(neighbours, name, run);
  switch (crowd) {
    case 'publishers':
      return [here('publisher', publish)];
    case 'readers':
      return [here('reader', read), here('follower', (client) => subscribe(client, '/'))];
    case 'writers':
      return [here('writer', publish), here('streamer', stream)];
    case 'ghosts':
      return [here('worker', workInGhosts), here('tinkerer', workInGhosts)];
    case 'reviews':
      return [here('petitioner', petition), here('applicant', petition), here('critic', review)];
    case 'races':
      return [here('hare', race), here('tortoise', race), here('snail', race)];
    case 'locks':
      return [
        here('holder', workUnderLocks),
        here('rival', workUnderLocks),
        here('intruder', (client) => intrude(client, '/l')),
      ];
    case 'crossings':
      return [
        here('crosser', cross),
        here('weaver', cross),
        here('trespasser', (client) => intrude(client, '/x')),
      ];
    case 'leases':
      return [here('tenant', live), here('lodger', live)];
    case 'forests':
      return [
        at(defaultForest, 'forester', (client) => plant(client, woods)),
        at(defaultForest, 'ranger', (client) => plant(client, woods)),
      ];
    case 'neighbours':
      return [
        there('second-publisher', publish),
        there('second-streamer', stream),
        there('second-reader', read),
        there('second-follower', (client) => subscribe(client, '/')),
      ];
    case 'past':
      return [here('historian', rummage), here('reverter', takeBack), here('nostalgic', workInThePast)];
    case 'keepers':
      return [here('compactor', giveUp), here('keeper', (client) => backUp(client, woods))];
    case 'typists':
      return [here('typist', type), here('copyist', type)];
    case 'clerks':
      return [here('clerk', keepTallies), here('scribe', keepTallies)];
    case 'thinkers':
      return [
        here('thinker', think),
        here('believer', think),
        here('doubter', doubt),
        here('tracer', trace),
        here('listener', (client) => listen(client, 'thinker')),
      ];
    case 'watchers':
      return [here('watcher', (client) => subscribe(client, '/p')), here('overseer', oversee)];
  }
}
