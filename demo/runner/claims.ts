/** Everything that the table claims, checked against the broker. */
import type { Client, Event } from '../../clients/typescript/src/index.ts';
import { headlineOf } from '../agents/compute.ts';
import type { Report, RevertReport } from '../agents/desk.ts';
import { paths } from '../agents/paths.ts';
import type { Headline, Measurements } from '../agents/records.ts';
import { textOf } from '../agents/verify.ts';
import type { Member } from './fleet.ts';
import type { Ledger } from './ledger.ts';
import type { Restart } from './production.ts';

export interface Claim {
  readonly text: string;
  readonly holds: boolean;
}

/** What there is to check. */
export interface Evidence {
  readonly members: readonly Member[];
  readonly reports: readonly Report[];
  readonly restart: Restart;
  readonly ledger: Ledger;
  readonly revert: (RevertReport & { readonly agent: string }) | undefined;
}

/** Checks one after the other. */
export async function checkClaims(client: Client, evidence: Evidence): Promise<readonly Claim[]> {
  const { members, reports, restart, ledger, revert } = evidence;
  const events = await client.history({ everything: true }).all();
  const agrees = ({ name, published }: Report): boolean =>
    ledger.published[name]?.items === published.items && ledger.published[name]?.bytes === published.bytes;
  return [
    {
      text: `all ${members.length} agents, each its own process, finished their work`,
      holds:
        reports.length === members.length && new Set(reports.map(({ pid }) => pid)).size === members.length,
    },
    {
      text: 'every diff that the agents counted is in the history, with as many bytes, and none twice',
      holds: reports.every(agrees),
    },
    { text: 'the corrupt headline was refused, and its ghost taken back', holds: isReverted(events, revert) },
    { text: 'nothing of it ever reached the trunk', holds: await isHeadlineRight(client, events) },
    {
      text: 'the broker was killed and came back with the same state, open ghost included',
      holds:
        restart.pidBefore !== restart.pidAfter &&
        restart.liveGhosts > 0 &&
        restart.hashBefore !== '' &&
        restart.hashBefore === restart.hashAfter,
    },
    {
      text: 'the final notes are the draft that the reviewer accepted',
      holds: await isFinalTheDraft(client),
    },
  ];
}

/** The broker's own record of it: rewound with that reason to that checkpoint, and committed later. */
function isReverted(events: readonly Event[], revert: Evidence['revert']): boolean {
  const rewound = events.find(({ transition }) => transition?.kind === 'rewound');
  const committed = events.find(
    ({ ghostId, transition }) => ghostId === rewound?.ghostId && transition?.kind === 'committed',
  );
  if (revert === undefined || rewound === undefined || committed === undefined) return false;
  return (
    rewound.author === revert.agent &&
    rewound.transition?.reason === revert.reason &&
    rewound.transition.checkpoint === revert.checkpoint &&
    rewound.transition.droppedOperations === revert.droppedOperations &&
    revert.droppedOperations > 0 &&
    committed.revision === revert.committedRevision &&
    committed.position > rewound.position
  );
}

/** Every headline that the trunk has ever had is the one that the measurements give. */
async function isHeadlineRight(client: Client, events: readonly Event[]): Promise<boolean> {
  const { value: measurements } = await client.get(paths.measurements);
  const right = headlineOf(measurements as Measurements).less_percent;
  const onTrunk = events
    .filter(({ revision }) => revision > 0)
    .flatMap(({ changes }) => changes)
    .filter(({ path }) => path === paths.headline)
    .map((change) => (change.action === 'put' ? (change.value as Headline).less_percent : undefined));
  return onTrunk.length > 0 && onTrunk.every((percent) => percent === right);
}

async function isFinalTheDraft(client: Client): Promise<boolean> {
  const texts = async (path: string): Promise<string[]> =>
    (await client.list(path, { depth: 0 }).all()).map(
      (node) => `${node.path.slice(path.length)}\n${textOf(node)}`,
    );
  const [draft, final] = await Promise.all([texts(paths.draft), texts(paths.final)]);
  return final.length === 5 && draft.join('\n') === final.join('\n');
}
