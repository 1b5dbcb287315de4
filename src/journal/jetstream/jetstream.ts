/** The connection to NATS, and the streams behind logs: `PREFIX_NAME`, each with the one subject `PREFIX.NAME`, and a bucket of that name. */
import { readFile } from 'node:fs/promises';
import {
  DiscardPolicy,
  JetStreamApiError,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import type { JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import { Objm, setSha256Backend } from '@nats-io/obj';
import { connect, credsAuthenticator, nanos } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock } from '../../base/clock.ts';
import { logDuplicateWindowMs, natsAnswerMsMax, natsPingMs, objectMessageMsMax } from '../../base/limits.ts';
import { systemRandom } from '../../base/random.ts';
import { JournalFailure } from '../journal.ts';
import type { AgreedLogs } from '../agreed-logs.ts';
import type { JetStreamAddress } from './address.ts';
import { JetStreamLog, messageOverheadBytes } from './agreed-log.ts';
import { destinationOf, movedSubject, MovableStream } from './movable-stream.ts';
import { DialPauses } from './dial-pauses.ts';
import { passes, patiently } from './elections.ts';
import { ObjectBucket } from './object-bucket.ts';
import { findings, streamFindings } from './start-checks.ts';
import { Turn } from './turn.ts';
import type { Finding } from './start-checks.ts';

export class JetStream implements AgreedLogs {
  readonly #address: JetStreamAddress;
  readonly #clock: Clock;
  readonly #connection: NatsConnection;
  readonly #manager: JetStreamManager;
  /** The same for what takes longer: a part of an object. */
  readonly #objectManager: JetStreamManager;
  readonly #tell: (finding: Finding) => void;
  #isLookedAt = false;

  private constructor(
    address: JetStreamAddress,
    clock: Clock,
    connection: NatsConnection,
    [manager, objectManager]: readonly [JetStreamManager, JetStreamManager],
    tell: (finding: Finding) => void,
  ) {
    this.#tell = tell;
    this.#address = address;
    this.#clock = clock;
    this.#connection = connection;
    this.#manager = manager;
    this.#objectManager = objectManager;
  }

  /** Connects. `tell` hears what is not as it should be. Throws `JournalFailure` where NATS is not there, or has no JetStream. */
  static async connect(
    address: JetStreamAddress,
    clock: Clock,
    tell: (finding: Finding) => void,
  ): Promise<JetStream> {
    const { servers, isSecret, user, password, credentials } = address;
    const pauses = new DialPauses(systemRandom);
    // For all of the process. Written in JavaScript, digests were 30 % of a start from shared snapshots.
    setSha256Backend('native');
    try {
      const connection = await connect({
        servers: [...servers],
        name: 'hyperloom',
        maxReconnectAttempts: -1,
        reconnectDelayHandler: () => pauses.next(),
        // A server that stands still keeps its connections: who waits for it leaves it for another.
        pingInterval: natsPingMs,
        maxPingOut: 2,
        timeout: natsAnswerMsMax,
        ...(isSecret ? { tls: {} } : {}),
        ...(user === '' ? {} : { user, pass: password }),
        ...(credentials === '' ? {} : { authenticator: credsAuthenticator(await readFile(credentials)) }),
      });
      void resetWhenBack(connection, pauses);
      const manager = await patiently(clock, () => jetstreamManager(connection));
      const patient = { timeout: objectMessageMsMax, checkAPI: false };
      const managers = [manager, await jetstreamManager(connection, patient)] as const;
      return new JetStream(address, clock, connection, managers, tell);
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      throw new JournalFailure(`NATS at ${servers.join(', ')} cannot be worked with: ${cause}`, {
        cause: error,
      });
    }
  }

  async openLog(forest: string): Promise<JetStreamLog> {
    const { replicas, monitors } = this.#address;
    const info = await patiently(this.#clock, () => this.#stream(forest)).catch((error: unknown) => {
      if (error instanceof JournalFailure) throw error;
      const cause = error instanceof Error ? error.message : String(error);
      throw new JournalFailure(`NATS has not elected who leads it: ${cause}`, { cause: error });
    });
    // How servers are is the same for all streams, and takes half a second to find out.
    if (this.#isLookedAt) this.#judge(streamFindings(info, replicas));
    else this.#judge(await findings(this.#connection, info, replicas, monitors));
    this.#isLookedAt = true;
    return new JetStreamLog({
      client: jetstream(this.#connection),
      manager: this.#manager,
      clock: this.#clock,
      stream: info.config.name,
      subject: this.#subject(forest),
      entryBytesMax: (this.#connection.info?.max_payload ?? 0) - messageOverheadBytes,
    });
  }

  async openObjects(forest: string): Promise<ObjectBucket> {
    const { prefix, replicas } = this.#address;
    const bucket = `${prefix}_${forest}`;
    const options = { storage: StorageType.File, replicas };
    try {
      const store = await patiently(this.#clock, () =>
        new Objm(this.#connection).create(bucket, { ...options }),
      );
      const { streamInfo } = await patiently(this.#clock, () => store.status());
      this.#judge(streamFindings(streamInfo, replicas));
      const stream = streamInfo.config.name;
      return new ObjectBucket({ store, manager: this.#objectManager, clock: this.#clock, bucket, stream });
    } catch (error) {
      if (error instanceof JournalFailure) throw error;
      const cause = error instanceof Error ? error.message : String(error);
      throw new JournalFailure(`the bucket ${bucket} cannot be made with ${replicas} replicas: ${cause}`, {
        cause: error,
      });
    }
  }

  /** Logs that are there, sorted. */
  async names(): Promise<readonly string[]> {
    return patiently(this.#clock, () => this.#names());
  }

  async #names(): Promise<readonly string[]> {
    const { prefix } = this.#address;
    const found: string[] = [];
    for await (const { config } of this.#manager.streams.list()) {
      const name = config.name.slice(prefix.length + 1);
      const subjects = [this.#subject(name), movedSubject(this.#subject(name))];
      // Other prefixes may begin like this one.
      if (config.name === `${prefix}_${name}` && config.subjects.some((each) => subjects.includes(each)))
        found.push(name);
    }
    return found.sort();
  }

  /** Entries of a log that are missing between its first and its last one. */
  async missing(name: string): Promise<number> {
    const { state } = await this.#manager.streams.info(`${this.#address.prefix}_${name}`);
    return state.messages === 0 ? 0 : state.last_seq - state.first_seq + 1 - state.messages;
  }

  async movedTo(name: string): Promise<string | null> {
    const stream = `${this.#address.prefix}_${name}`;
    try {
      return destinationOf(await patiently(this.#clock, () => this.#manager.streams.info(stream)));
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === streamNotFound) return null;
      throw error;
    }
  }

  /** For those who move the forest of a log, which must be there. */
  movable(name: string): MovableStream {
    return new MovableStream({
      client: jetstream(this.#connection),
      manager: this.#manager,
      clock: this.#clock,
      stream: `${this.#address.prefix}_${name}`,
      subject: this.#subject(name),
    });
  }

  /** For those of whom one at a time may do something with what `name` says, by the log `log`, which must be there. `null`: somebody else does. */
  takeTurn(log: string, name: string, waitMs: number): Promise<Turn | null> {
    const { prefix, replicas } = this.#address;
    const options = {
      manager: this.#manager,
      clock: this.#clock,
      stream: `${prefix}_${log}`,
      name,
      replicas,
    };
    return Turn.take({ ...options, client: jetstream(this.#connection) }, waitMs);
  }

  async remove(forest: string): Promise<void> {
    const name = `${this.#address.prefix}_${forest}`;
    for (const stream of [name, `OBJ_${name}`])
      try {
        await this.#manager.streams.delete(stream);
      } catch (error) {
        if (!(error instanceof JetStreamApiError && error.code === streamNotFound)) throw error;
      }
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  /** Refuses what loses acknowledged writes, or says so, as the address wants it. */
  #judge(found: readonly Finding[]): void {
    const lossy = found.filter(({ kind }) => kind === 'lossy');
    if (this.#address.checks === 'refuse' && lossy.length > 0)
      throw new JournalFailure(
        `NATS may lose what it has acknowledged (go on all the same: checks=warn):\n${lossy.map(line).join('\n')}`,
      );
    for (const finding of found) this.#tell(finding);
  }

  /** Asking for a stream that is there, with the same settings, gives that one. */
  async #stream(forest: string): Promise<StreamInfo> {
    const { prefix, replicas } = this.#address;
    const name = `${prefix}_${forest}`;
    try {
      return await this.#manager.streams.info(name);
    } catch {
      // It is missing, or NATS is not ready: making it tells which.
    }
    try {
      return await this.#manager.streams.add({
        name,
        subjects: [this.#subject(forest)],
        storage: StorageType.File,
        num_replicas: replicas,
        retention: RetentionPolicy.Limits,
        discard: DiscardPolicy.New,
        duplicate_window: nanos(logDuplicateWindowMs),
        deny_delete: true,
      });
    } catch (error) {
      if (passes(error)) throw error;
      const cause = error instanceof Error ? error.message : String(error);
      throw new JournalFailure(`the stream ${name} cannot be made with ${replicas} replicas: ${cause}`, {
        cause: error,
      });
    }
  }

  #subject(forest: string): string {
    return `${this.#address.prefix}.${forest}`;
  }
}

/** Until the connection is closed. */
async function resetWhenBack(connection: NatsConnection, pauses: DialPauses): Promise<void> {
  for await (const { type } of connection.status()) if (type === 'reconnect') pauses.reset();
}

/** A code of JetStream's errors. */
const streamNotFound = 10_059;

function line({ message, mend }: Finding): string {
  return `- ${message}. Change: ${mend}`;
}
