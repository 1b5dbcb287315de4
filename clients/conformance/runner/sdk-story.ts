/** The steps of a scenario that call an SDK. */
import { type JsonObject, toJson } from '@bufbuild/protobuf';
import { type Value, ValueSchema } from '@bufbuild/protobuf/wkt';
import { setTimeout } from 'node:timers/promises';

import type { SdkEndStep, SdkStartStep, SdkStep } from '../gen/hyperloom/conformance/v1/scenario_pb.ts';
import type { Driver, SdkCallUnderWay, SdkOutcome } from './driver.ts';
import { eventually } from './eventually.ts';
import { difference } from './match.ts';
import { keepFields, fill, type Saved } from './values.ts';

/** A call of the SDK that has no outcome for so long fails the scenario. */
const outcomeMsMax = 90_000;

/** How long calls may take where the scenario does not say: not much less, so that a slow machine decides nothing. */
const timeoutMs = 80_000;

export class SdkStory {
  readonly #driver: Driver;
  readonly #client: number;
  readonly #saved: Saved;
  readonly #forest: string;
  readonly #begun = new Map<string, SdkCallUnderWay>();
  #isConnected = false;

  constructor(driver: Driver, client: number, forest: string, saved: Saved) {
    this.#driver = driver;
    this.#client = client;
    this.#forest = forest;
    this.#saved = saved;
  }

  /** A call with all that is expected of it. */
  async take(step: SdkStep): Promise<void> {
    await this.#connect();
    const once = async (): Promise<void> => {
      for (let turn = 1; turn < step.times; turn += 1) await this.#turn(step, turn, false);
      await this.#turn(step, Math.max(1, step.times), true);
    };
    await (step.eventually ? eventually(once) : once());
  }

  /** Begins a call. */
  async start(step: SdkStartStep): Promise<void> {
    await this.#connect();
    this.#begun.set(step.call, this.#begin(step));
  }

  /** Waits for one that was begun. */
  async end({ of, returns, fails, save }: SdkEndStep): Promise<void> {
    const call = this.find(of);
    if (call === undefined) throw new Error(`no call was begun as ${of}`);
    this.#check(await outcomeOf(call), { returns, fails }, save);
  }

  /** One that was begun, by its name. */
  find(name: string): SdkCallUnderWay | undefined {
    return this.#begun.get(name);
  }

  /** The client that every scenario begins with. */
  async #connect(): Promise<void> {
    if (this.#isConnected) return;
    this.#isConnected = true;
    const step = { verb: 'connect', on: '', as: 'client', with: { forest: this.#forest } };
    this.#check(await outcomeOf(this.#begin(step)), {}, {});
  }

  async #turn(step: SdkStep, turn: number, isLast: boolean): Promise<void> {
    this.#saved.set('turn', String(turn));
    const outcome = await outcomeOf(this.#begin(step));
    if (isLast) this.#check(outcome, step, step.save);
    else this.#check(outcome, {}, {});
  }

  #begin({ verb, on, as, with: given }: Pick<SdkStep, 'verb' | 'on' | 'as' | 'with'>): SdkCallUnderWay {
    const target = on === '' && verb !== 'connect' ? 'client' : on;
    const defaults = verb === 'connect' ? { forest: this.#forest, timeoutMs } : {};
    const args = { ...defaults, ...(fill(given ?? {}, this.#saved) as JsonObject) };
    return this.#driver.startSdk(this.#client, { target, verb, args, handle: as });
  }

  #check(
    outcome: SdkOutcome,
    { returns, fails }: { readonly returns?: Value | undefined; readonly fails?: JsonObject | undefined },
    save: Readonly<Record<string, string>>,
  ): void {
    const isAsWanted = outcome.failed === (fails !== undefined);
    if (!isAsWanted)
      throw new Error(`it ${outcome.failed ? 'failed with' : 'returned'} ${JSON.stringify(outcome.value)}`);
    const expected = fails ?? (returns === undefined ? undefined : toJson(ValueSchema, returns));
    const found =
      expected === undefined
        ? undefined
        : difference(
            outcome.value,
            fill(expected, this.#saved),
            outcome.failed ? 'the error' : 'what it returned',
          );
    if (found !== undefined) throw new Error(found);
    keepFields(outcome.value, save, this.#saved);
  }
}

async function outcomeOf({ outcome }: SdkCallUnderWay): Promise<SdkOutcome> {
  const late = new AbortController();
  const lateness = setTimeout(outcomeMsMax, undefined, { signal: late.signal }).then(() => {
    throw new Error(`there is no outcome after ${outcomeMsMax / 1_000} s`);
  });
  lateness.catch(() => {});
  try {
    return await Promise.race([outcome, lateness]);
  } finally {
    late.abort();
  }
}
