/**
 * Plays a Who&When run: first its circumstances, then a diff for each step by its agent, whose basis is everything that was
 * there before, and at last what people have found out about it.
 */
import {
  json,
  operation,
  precondition,
  type Client,
  type Ghost,
  type Operation,
  type PublishOptions,
} from '../../../../clients/typescript/src/index.ts';
import { RunMeter } from '../meter.ts';
import type { RunReport } from '../run-report.ts';
import type { Stage } from '../stage.ts';
import { parts, stepPath, type Member, type Mistake, type Step, type WhoAndWhenRun } from './recording.ts';

/** Members that were written after the run, by people who judged it: no agent has seen them. */
const judgement = /^(ground_truth|is_correct(ed)?|mistake_.*)$/;
/** The broker takes 4,096 bytes; a reason is a sentence. */
const reasonLengthMax = 1_000;

/** Plays one run. Throws `PreconditionFailedError` where its tree is there already. */
export async function playWhoAndWhen(run: WhoAndWhenRun, stage: Stage): Promise<RunReport> {
  const player = new RunPlayer(run, stage);
  await player.begin();
  const mistake = stage.revertMistakes ? run.mistake : undefined;
  for (const index of run.steps.keys()) {
    if (index === mistake?.step) break;
    stage.signal.throwIfAborted();
    await player.step(stage.client, index);
  }
  if (mistake !== undefined) await player.playMistake(mistake);
  await player.end();
  const outcome = mistake === undefined ? 'published' : 'mistake_reverted';
  return { tree: run.tree, outcome, ...player.meter.tally };
}

class RunPlayer {
  readonly meter = new RunMeter();
  readonly #run: WhoAndWhenRun;
  readonly #stage: Stage;
  /** The newest revision of the tree: what the next agent sees. */
  #revision = 0;

  constructor(run: WhoAndWhenRun, stage: Stage) {
    this.#run = run;
    this.#stage = stage;
  }

  async begin(): Promise<void> {
    const { tree, members } = this.#run;
    const known = this.#puts(members.filter(({ name }) => !judgement.test(name)));
    // A file may tell nothing but what was said: something has to take the tree.
    await this.#publish(this.#stage.client, known.length > 0 ? known : [this.#putLayout()], {
      label: 'the run begins',
      author: 'replay',
      preconditions: [precondition.absent(tree)],
    });
  }

  async step(verbs: Client | Ghost, index: number): Promise<void> {
    const { tree, steps } = this.#run;
    const { agent, label, text } = steps[index] as Step;
    const put = operation.put(`${tree}/${stepPath(index)}`, json(text));
    this.meter.hop(agent, Buffer.byteLength(text), [put]);
    const basis = [{ path: tree, revision: this.#revision, extent: 'subtree' as const }];
    const published = await verbs.publish([put], { author: agent, label: `step ${index}: ${label}`, basis });
    if (published.revision > 0) this.#revision = published.revision;
  }

  /** Plays the marked step and all that follows from it in a ghost, and takes it back. */
  async playMistake({ step, agent, reason }: Mistake): Promise<void> {
    const { tree, steps } = this.#run;
    const { client, signal } = this.#stage;
    await using ghost = await client.ghost({ scope: tree, label: `step ${step} by ${agent}`, author: agent });
    for (let index = step; index < steps.length; index += 1) {
      signal.throwIfAborted();
      await this.step(ghost, index);
    }
    await ghost.revert(reason.slice(0, reasonLengthMax));
    this.meter.count('reverts');
  }

  async end(): Promise<void> {
    const judged = this.#run.members.filter(({ name }) => judgement.test(name));
    const operations = [...this.#puts(judged), this.#putLayout()];
    await this.#publish(this.#stage.client, operations, { label: 'the run was judged', author: 'replay' });
  }

  #putLayout(): Operation {
    return operation.put(`${this.#run.tree}/${parts.layout}`, this.#run.layout);
  }

  #puts(members: readonly Member[]): Operation[] {
    return members.map(({ name, text }) =>
      operation.put(`${this.#run.tree}/${parts.run}/${name}`, json(text)),
    );
  }

  async #publish(verbs: Client, operations: readonly Operation[], options: PublishOptions): Promise<void> {
    this.meter.diff(operations);
    const { revision } = await verbs.publish(operations, { basis: [], ...options });
    this.#revision = revision;
  }
}
