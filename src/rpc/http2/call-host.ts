import type { Clock } from '../../base/clock.ts';
import { FlushTurn } from '../../transport/h2/flush-turn.ts';
import { type Door, openDoor } from '../access/door.ts';
import { RpcError, type StatusName } from '../transport.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import { Leaving } from './leaving.ts';
import { ByteBudget } from './message-reader.ts';
import type { TransportLimits } from './transport-limits.ts';

/** Is told what a service threw that was no refusal, and by which method. */
export type OnError = (error: unknown, method: string) => void;

/** Is told of every call that was refused or failed, as the client is told, and by which method. */
export type OnRefusal = (error: RpcError, method: string) => void;

/** Is told of the calls of a method. */
export interface CallWatch {
  began(): void;
  /** Once for each that began; `CANCELLED` where the client went away. */
  ended(code: StatusName, durationMs: number): void;
}

/** Who is told of the calls of a method, by its path. */
export type WatchOf = (method: string) => CallWatch;

const unwatched: CallWatch = { began: () => undefined, ended: () => undefined };

/** What all calls of a transport share. */
export class CallHost {
  readonly clock: Clock;
  readonly limits: TransportLimits;
  readonly deadlines: DeadlineQueue;
  /** Flushes the replies of many streams at the end of a turn, and then their connections. */
  readonly turn: FlushTurn;
  readonly budget: ByteBudget;
  /** Says who calls. */
  readonly door: Door;
  /** Told at the beginning of `close`. */
  readonly leaving = new Leaving();
  /** The same for streams of HTTP/2 that are no gRPC call, each by its connection: also told when that has reached its age. */
  readonly leavingOf = new WeakMap<object, Leaving>();
  readonly watchOf: WatchOf;
  readonly #onError: OnError;
  readonly #onRefusal: OnRefusal;

  constructor(
    clock: Clock,
    limits: TransportLimits,
    onError: OnError,
    onRefusal: OnRefusal,
    door: Door = openDoor,
    watchOf: WatchOf = () => unwatched,
    turn = new FlushTurn(),
  ) {
    this.clock = clock;
    this.door = door;
    this.turn = turn;
    this.watchOf = watchOf;
    this.limits = limits;
    this.deadlines = new DeadlineQueue(clock);
    this.budget = new ByteBudget(limits.incompleteRequestBytesMax);
    this.#onError = onError;
    this.#onRefusal = onRefusal;
  }

  /** `error` as the client may see it: what is no refusal is reported, and told without a word of what it was. */
  rpcError(error: unknown, method: string): RpcError {
    const told = error instanceof RpcError ? error : this.#failed(error, method);
    this.#onRefusal(told, method);
    return told;
  }

  #failed(error: unknown, method: string): RpcError {
    this.#onError(error, method);
    return new RpcError('INTERNAL', 'the broker failed to serve this call; its log says why');
  }
}
