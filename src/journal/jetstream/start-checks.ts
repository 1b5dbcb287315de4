/**
 * What of NATS's configuration decides whether acknowledged writes survive. By default it syncs its files every two minutes, and Jepsen has
 * shown what that loses when the power goes. A client can ask for the stream's own settings; how servers sync they tell on their monitoring port, or to whom the system account lets ask.
 */
import type { StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { jetStreamPayloadBytesMin } from '../../base/limits.ts';
import { JournalFailure } from '../journal.ts';

/** Something that is not as it should be. */
export interface Finding {
  /** `lossy`: acknowledged writes can be lost. `unknown`: whether they can cannot be told. `narrow`: large writes are refused. */
  readonly kind: 'lossy' | 'unknown' | 'narrow';
  readonly message: string;
  /** The line of configuration, or the command, that changes it. */
  readonly mend: string;
}

const serversAnswerMs = 500;
const monitorAnswersMs = 5_000;

/** What is wrong with a stream and the servers behind it. */
export async function findings(
  connection: NatsConnection,
  stream: Pick<StreamInfo, 'config'>,
  replicas: number,
  monitors: readonly string[],
): Promise<readonly Finding[]> {
  const synced = await syncFindings(connection, monitors);
  return [...streamFindings(stream, replicas), ...payloadFindings(connection), ...synced];
}

export function streamFindings({ config }: Pick<StreamInfo, 'config'>, replicas: number): readonly Finding[] {
  const { name, storage, num_replicas: stored } = config;
  const found: Finding[] = [];
  if (storage !== 'file')
    found.push({
      kind: 'lossy',
      message: `the stream ${name} is stored in ${storage}: it is gone with its server`,
      mend: `nats stream rm ${name} (with all that is in it); the broker makes it anew on files`,
    });
  if (stored < replicas)
    found.push({
      kind: 'lossy',
      message: `the stream ${name} is stored by ${stored} of the ${replicas} servers that were asked for`,
      mend: `nats stream edit ${name} --replicas=${replicas}`,
    });
  const limits = { max_msgs: config.max_msgs, max_bytes: config.max_bytes, max_age: config.max_age };
  for (const [limit, value] of Object.entries(limits)) {
    if (value <= 0 || (limit !== 'max_age' && config.discard === 'new')) continue;
    found.push({
      kind: 'lossy',
      message: `the stream ${name} deletes what it has stored: its ${limit} is ${value}`,
      mend: `nats stream edit ${name} --${limit.replace('_', '-')}=-1`,
    });
  }
  return found;
}

function payloadFindings({ info }: NatsConnection): readonly Finding[] {
  const bytes = info?.max_payload ?? 0;
  if (bytes >= jetStreamPayloadBytesMin) return [];
  return [
    {
      kind: 'narrow',
      message: `NATS takes messages of ${bytes} bytes; larger diffs are refused`,
      mend: `max_payload: ${jetStreamPayloadBytesMin}`,
    },
  ];
}

/** The part of a server's `varz` that is of interest here. */
interface ServerVariables {
  readonly server_name?: string;
  readonly jetstream?: { readonly config?: { readonly sync_always?: boolean } };
}

async function syncFindings(
  connection: NatsConnection,
  monitors: readonly string[],
): Promise<readonly Finding[]> {
  const mend = 'jetstream { sync_interval: always }';
  const servers = monitors.length === 0 ? await askInBand(connection) : await askMonitors(monitors);
  if (servers.length === 0)
    return [
      {
        kind: 'unknown',
        message:
          'how the servers sync what they store cannot be told (monitor=http://HOST:8222 says where to ask): without the line they lose what they have acknowledged when the power goes',
        mend,
      },
    ];
  return servers
    .filter(({ jetstream }) => jetstream?.config !== undefined && jetstream.config.sync_always !== true)
    .map(({ server_name: name = '' }) => ({
      kind: 'lossy',
      message: `the server ${name} syncs its files now and then only: it loses what it has acknowledged when the power goes`,
      mend,
    }));
}

/** All servers that answer; none where this account may not ask, which is the rule: it takes an export of the system account. */
async function askInBand(connection: NatsConnection): Promise<readonly ServerVariables[]> {
  const servers: ServerVariables[] = [];
  try {
    const answers = await connection.requestMany('$SYS.REQ.SERVER.PING.VARZ', '{}', {
      strategy: 'stall',
      maxWait: serversAnswerMs,
    });
    for await (const answer of answers) {
      const { data } = answer.json<{ readonly data?: ServerVariables }>();
      if (data !== undefined) servers.push(data);
    }
  } catch {
    // Nobody answers.
  }
  return servers;
}

/** Each server that is named must answer: one that does not is a mistake in the address, or is not there. */
function askMonitors(monitors: readonly string[]): Promise<readonly ServerVariables[]> {
  const ask = async (monitor: string): Promise<ServerVariables> => {
    const response = await fetch(new URL('/varz', monitor), {
      signal: AbortSignal.timeout(monitorAnswersMs),
    });
    return (await response.json()) as ServerVariables;
  };
  return Promise.all(
    monitors.map((monitor) =>
      ask(monitor).catch((error: unknown) => {
        const cause = error instanceof Error ? error.message : String(error);
        throw new JournalFailure(`${monitor} does not tell of its server: ${cause}`, { cause: error });
      }),
    ),
  );
}
