/** Does to the broker, its disk, its network and its clients what the plan says, one thing after another, and looks how the broker takes it. */
import { Code, ConnectError } from '@connectrpc/connect';

import { describeRefusal, putText } from '../support/broker.ts';
import { asking, limits, sleep } from './broker.ts';
import type { TestedBroker } from './broker.ts';
import type { Chronicle } from './chronicle.ts';
import type { Fleet } from './fleet.ts';
import type { Proxy } from './proxy.ts';
import { forests, nowNs } from './record.ts';
import type { Fault, Planned } from './schedule.ts';

/** How long a broker may take to say that its disk has failed: with somebody who writes all the time, only one that does not notice takes so long. */
const failureNsMax = 300e9;

/** How disks fail here: the broker names these where it says why it takes no more writes. */
const codes = ['EIO', 'ENOSPC', 'ESHORT'] as const;

interface Stopped {
  readonly forest: string;
  readonly code: (typeof codes)[number];
}

/** So few revisions are left that slow subscribers, and reads of what was long ago, need older ones. */
const keptMax = 40;

export class Nemesis {
  readonly #broker: TestedBroker;
  readonly #proxy: Proxy;
  readonly #fleet: Fleet;
  readonly counts: Map<Fault, number>;
  readonly #chronicles: readonly Chronicle[];
  /** What the broker did that it must not. */
  readonly bugs: string[] = [];

  constructor(
    broker: TestedBroker,
    proxy: Proxy,
    fleet: Fleet,
    chronicles: readonly Chronicle[],
    chosen: readonly Fault[],
  ) {
    this.#chronicles = chronicles;
    this.counts = new Map(chosen.map((fault) => [fault, 0]));
    this.#broker = broker;
    this.#proxy = proxy;
    this.#fleet = fleet;
  }

  /**
   * Follows the plan until the time is over, and with `isWhole` until everything came at least once. Rejects where the broker ends by
   * itself or does not start any more.
   */
  async follow(plan: Iterator<Planned, void>, untilNs: number, isWhole: boolean): Promise<void> {
    for (;;) {
      const { value: planned } = plan.next();
      if (planned === undefined) return sleep((untilNs - nowNs()) / 1e6);
      await sleep(planned.pauseMs);
      if (!this.#broker.isRunning)
        throw new Error(`the broker ended by itself before ${planned.fault}: ${this.#broker.errors}`);
      const isEnough = !isWhole || [...this.counts.values()].every((count) => count > 0);
      if (nowNs() >= untilNs && isEnough) return;
      await this.#bring(planned);
      this.counts.set(planned.fault, (this.counts.get(planned.fault) ?? 0) + 1);
    }
  }

  async #bring({ fault, lastsMs, which }: Planned): Promise<void> {
    const [broker, proxy] = [this.#broker, this.#proxy];
    switch (fault) {
      case 'kill':
        return void (await broker.restart('SIGKILL', lastsMs));
      case 'terminate': {
        const code = await broker.restart('SIGTERM', lastsMs);
        if (code !== 0) this.bugs.push(`the broker ended with ${code} when it was told to stop`);
        return;
      }
      case 'stop':
        return broker.pause(lastsMs);
      case 'power_cut':
        return broker.cutPower(which, lastsMs);
      case 'sync_fails':
        return this.#failDisk({ fault, lastsMs, which }, 'EIO');
      case 'disk_is_full':
        return this.#failDisk({ fault, lastsMs, which }, which % 2 === 0 ? 'ENOSPC' : 'ESHORT');
      case 'cut_all':
        return void proxy.cut(() => true);
      case 'cut_some': {
        let bits = which;
        return void proxy.cut(() => (bits = (bits * 5 + 1) % 2 ** 31) % 3 === 0);
      }
      case 'hold':
        return broker.absent('unreachable', async () => {
          proxy.hold();
          await sleep(lastsMs);
          // Half of the time what was on its way is lost as well.
          if (which % 2 === 0) proxy.cut(() => true);
          proxy.release();
        });
      case 'stop_worker':
        return this.#fleet.pause(which, lastsMs);
      case 'kill_worker':
        return this.#fleet.replace(which);
      case 'compact':
        return this.#chronicles[which % this.#chronicles.length]?.compact(broker.address, which % keptMax);
      default:
        throw new TypeError(`no such fault: ${String(fault)}`);
    }
  }

  /** From the first failure on nothing is written, the broker says why, and reads go on; then it is killed and started again. */
  async #failDisk(
    { fault, lastsMs, which }: Omit<Planned, 'pauseMs'> & { readonly fault: 'sync_fails' | 'disk_is_full' },
    code: string,
  ): Promise<void> {
    await this.#broker.absent('writes_stopped', async () => {
      this.#broker.order(fault, which);
      const endNs = nowNs() + failureNsMax;
      while (!this.#broker.errors.includes(code) && nowNs() < endNs) await sleep(10);
      if (!this.#broker.errors.includes(code))
        this.bugs.push(`the broker does not say ${code} after ${fault}`);
      if (this.#stoppedForests().length === 0) this.bugs.push(`no forest is known to be stopped by ${fault}`);
      for (const stopped of this.#stoppedForests()) await this.#lookAtStoppedForest(stopped);
      await sleep(lastsMs);
      if (!this.#broker.isRunning) this.bugs.push(`the broker ended by itself after ${fault}`);
      await this.#broker.restart('SIGKILL', 0);
    });
  }

  /** Each forest has a journal of its own: those whose journals failed, and of what, by what the broker says. */
  #stoppedForests(): readonly Stopped[] {
    const lines = this.#broker.errors.split('\n').filter((line) => line.includes('takes no more writes'));
    return forests.flatMap((forest) => {
      const line = lines.find((each) => each.includes(`"forest":"${forest}"`));
      const code = codes.find((each) => line?.includes(each) === true);
      return code === undefined ? [] : [{ forest, code }];
    });
  }

  async #lookAtStoppedForest({ forest, code }: Stopped): Promise<void> {
    const write = { forest, operations: [putText('/probe', code)], requestId: `probe ${nowNs()}` };
    const [refused, read] = await asking(this.#broker.address, ({ context }) =>
      Promise.allSettled([
        context.publish(write, limits),
        context.list({ forest, path: '/', pageSize: 5 }, limits),
      ]),
    );
    if (read.status === 'rejected')
      this.bugs.push(`reads do not go on after ${code}: ${String(read.reason)}`);
    if (refused.status === 'fulfilled') {
      this.bugs.push(`a write was acknowledged after ${code}`);
      return;
    }
    const error = ConnectError.from(refused.reason);
    const { reason, metadata } = describeRefusal(error);
    if (error.code !== Code.Unavailable || reason !== 'JOURNAL_UNAVAILABLE')
      this.bugs.push(`a write after ${code} was refused with ${Code[error.code]} ${reason}`);
    if (metadata['cause']?.includes(code) !== true)
      this.bugs.push(`a write after ${code} was refused because of "${metadata['cause']}"`);
  }
}
