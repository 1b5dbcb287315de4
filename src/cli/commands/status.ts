/** `hyperloom status`: how the broker and a forest are. */
import type { Status } from '../../../clients/typescript/src/index.ts';
import type { AddCommand } from '../context.ts';
import type { JsonRecord } from '../output/records.ts';
import { listLines } from '../output/flow.ts';
import type { Style } from '../output/style.ts';
import { byteSize, counted, grouped, timeText } from '../output/text.ts';

interface StatusOptions {
  readonly hash?: boolean;
}

export const addStatus: AddCommand = (program, run) => {
  program
    .command('status')
    .summary('show how the broker and a forest are')
    .option('--hash', 'with the state hash, which is equal wherever the state is')
    .action(({ hash }: StatusOptions) =>
      run(async ({ client, output, address }) => {
        const status = await client.status({ stateHash: hash });
        await output.result(statusRecord(status), () =>
          statusText(status, address, output.style, output.columns),
        );
      }),
    );
};

function statusRecord(status: Status): JsonRecord {
  const { meters: _meters, metersPosition: _metersPosition, ...told } = status;
  return { ...told, startTime: status.startTime.toISOString(), forest: { ...status.forest } };
}

function statusText(status: Status, address: string, style: Style, columns: number): string {
  const { forest } = status;
  const history = forest.compactedRevision > 0 ? [`history from r${forest.compactedRevision}`] : [];
  const catchingUp =
    status.subscriptionsCatchingUp > 0 ? ` (${status.subscriptionsCatchingUp} catching up)` : '';
  const facts: readonly (readonly [name: string, parts: readonly string[]])[] = [
    ['broker', [address, `version ${status.version}`, `since ${timeText(status.startTime)}`]],
    [
      'process',
      [`${byteSize(status.residentBytes)} of memory`, `${(status.cpuTimeMs / 1_000).toFixed(1)} s of CPU`],
    ],
    ['forest', [forest.name, `r${forest.revision}`, ...history]],
    [
      'holds',
      [
        `${counted(forest.nodes, 'node')}${status.nodesMax === 0 ? '' : ` of ${grouped(status.nodesMax)}`}`,
        counted(forest.ghosts, 'live ghost'),
      ],
    ],
    [
      'locks',
      [
        `${counted(status.locksHeld, 'lock')} held`,
        `${status.locksWaiting} waited for`,
        counted(status.leases, 'lease'),
      ],
    ],
    [
      'journal',
      [
        status.journal,
        `${byteSize(forest.storedBytes)}${status.bytesMax === 0 ? '' : ` of ${byteSize(status.bytesMax)}`}`,
        `durable to ${status.durablePosition} of ${status.position}`,
      ],
    ],
    ['readers', [`${counted(status.subscriptions, 'subscription')}${catchingUp}`]],
    [
      'state hash',
      status.stateHash === '' ? [] : [`${status.stateHash} at position ${status.stateHashPosition}`],
    ],
  ];
  const lines = facts.flatMap(([name, parts]) =>
    listLines(parts, columns - nameWidth).map(
      (text, index) => style.dim((index === 0 ? name : '').padEnd(nameWidth)) + text,
    ),
  );
  if (status.writeStopReason !== '') lines.push(style.red(`writes are refused: ${status.writeStopReason}`));
  return lines.join('\n');
}

const nameWidth = 12;
