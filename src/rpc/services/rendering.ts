/** One rendering: the beginning of its layout, and what changed since, as far as the budget takes it. */
import type { Clock } from '../../base/clock.ts';
import { renderNodesMax } from '../../base/limits.ts';
import { ValueForm } from '../../gen/hyperloom/v1/node_pb.ts';
import { baseSteps } from '../../render/base-part.ts';
import type { BasePart } from '../../render/base-part.ts';
import { changesSteps, changesBytes } from '../../render/changes.ts';
import type { Counts } from '../../render/counts.ts';
import type { MessageJson } from '../../render/shown.ts';
import { Tail } from '../../render/tail.ts';
import type { ValueForms } from '../../schema/value-forms.ts';
import type { Forest } from '../../sequencer/forest.ts';
import { resultInSlices } from '../../base/slices.ts';
import type { Root } from '../../state/ghosts/ghost.ts';
import { operationBytes } from '../../state/values/operate.ts';
import type { TellValue } from '../convert/value-message.ts';
import { ValueReading } from '../convert/value-view.ts';
import { refuse } from '../errors.ts';
import { RpcError } from '../transport.ts';
import type { Call } from '../transport.ts';
import type { RenderAsked } from './render-request.ts';
import { ghostSteps, trunkSteps } from './render-steps.ts';
import type { Step } from './render-steps.ts';
import type { RenderTarget } from './render-target.ts';

/** What a rendering works with. */
export interface RenderingOptions {
  readonly forest: Forest;
  readonly clock: Clock;
  readonly valueForms: ValueForms;
  readonly counts: Counts;
  readonly asked: RenderAsked;
  readonly target: RenderTarget;
  readonly call: Call;
}

/** A layout as far as it was made. */
export interface Rendered {
  readonly base: BasePart;
  readonly tail: Tail;
  /** The last revision that it shows whole, and in a ghost the sequence up to which it shows what is staged. */
  readonly revision: number;
  readonly sequence: number;
  /** Paths whose values it shows, and those of which it says that they are gone. */
  readonly shown: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
}

/** Makes a layout. */
export async function renderLayout(options: RenderingOptions): Promise<Rendered> {
  const { asked, counts } = options;
  const base = await beginning(options);
  const tokensMax = asked.tokensMax - base.tokens;
  const baseBytes = Buffer.byteLength(base.text);
  const tail = new Tail({ writer: asked.writer, counts, tokensMax, baseBytes });
  const following = new Following(options, base, tail);
  await following.trunk();
  await following.ghost();
  const { revision, sequence, shown, gone } = following;
  return { base, tail, revision, sequence, shown, gone };
}

async function beginning(options: RenderingOptions): Promise<BasePart> {
  const { asked, target, counts, clock } = options;
  const { parts, writer, tokensMax, changeTokens, scaled } = asked;
  const { root, revision } = target.base;
  const values = valuesOf(options);
  const messageJson = jsonBy(() => values.at(revision), 1);
  const more = { writer, counts, messageJson, tokensMax: tokensMax - changeTokens, scaled };
  const base = await resultInSlices(baseSteps({ root, revision, parts, ...more }), clock);
  if (!('tooManyIn' in base)) return base;
  const field = `parts[${base.tooManyIn}].pattern`;
  const description = `there are more than ${renderNodesMax} nodes to look at; ask for less`;
  const metadata = { limit: 'renderNodesMax', maximum: renderNodesMax };
  return refuse('LIMIT_EXCEEDED', `${field}: ${description}`, metadata, {
    violations: [{ field, description }],
  });
}

/** Follows what happened since the base. */
class Following {
  readonly #options: RenderingOptions;
  readonly #values: ValueReading;
  readonly #tail: Tail;
  readonly shown: Set<string>;
  readonly gone = new Set<string>();
  /** What of it is in the text, whole. */
  revision: number;
  sequence: number;
  /** The trunk as far as it was followed. */
  #root: Root;

  constructor(options: RenderingOptions, base: BasePart, tail: Tail) {
    const { target } = options;
    this.#options = options;
    this.#values = valuesOf(options);
    this.#tail = tail;
    this.shown = new Set(base.shown);
    this.revision = target.revision;
    this.sequence = target.ghost?.sequence ?? 0;
    this.#root = target.base.root;
  }

  async trunk(): Promise<void> {
    const { forest, asked, target } = this.#options;
    const since = { forest, parts: asked.parts, from: target.base.revision, to: target.revision };
    for await (const step of trunkSteps(since)) {
      const { revision } = step;
      const after = await this.#take(
        step,
        this.#root,
        jsonBy(() => this.#values.at(revision), 1),
      );
      if (after !== null) this.#root = after;
      else this.revision = Math.min(this.revision, revision - 1);
    }
    if (this.#tail.isCut) this.sequence = 0;
  }

  async ghost(): Promise<void> {
    const { forest, target } = this.#options;
    const { ghost, revision } = target;
    if (ghost === null) return;
    const messageJson = jsonBy(() => this.#values.inGhost(revision, ghost.id), -1);
    if (ghost.parentId !== '') {
      const after = (): Promise<Root> => Promise.resolve(ghost.base);
      const around: Step = { origin: { kind: 'around' }, revision, sequence: 0, operations: [], after };
      if ((await this.#take(around, this.#root, messageJson)) === null) this.sequence = 0;
    }
    let root = ghost.base;
    for (const step of ghostSteps(forest, ghost, revision)) {
      const after = await this.#take(step, root, messageJson);
      if (after !== null) root = after;
      else this.sequence = Math.min(this.sequence, step.sequence - 1);
    }
  }

  /** Adds what a step has done; returns the state after it, or `null` where it is left out. */
  async #take(step: Step, before: Root, messageJson: MessageJson): Promise<Root | null> {
    const { asked, call, clock } = this.#options;
    if (call.cancelled) throw new RpcError('CANCELLED', 'nobody waits any more');
    const { operations } = step;
    if (this.#tail.isCut) {
      this.#tail.miss(
        operations.length,
        operations.reduce((sum, each) => sum + operationBytes(each), 0),
      );
      return null;
    }
    const after = await step.after(before);
    const { shown } = this;
    const finding = changesSteps({ before, after, operations, parts: asked.parts, messageJson, shown });
    const found = await resultInSlices(finding, clock);
    const adding = this.#tail.add(step, found.changes, changesBytes(found.changes));
    if (!(await resultInSlices(adding, clock))) return null;
    for (const path of found.put) {
      this.shown.add(path);
      this.gone.delete(path);
    }
    for (const path of found.gone) {
      this.shown.delete(path);
      this.gone.add(path);
    }
    return after;
  }
}

function valuesOf({ forest, valueForms }: RenderingOptions): ValueReading {
  return new ValueReading(forest, valueForms, { form: ValueForm.JSON, pins: [] }, '');
}

const decoder = new TextDecoder();

/** ProtoJSON as a reader is told it. `modified` is the stamp of the values: negative in ghosts. */
function jsonBy(telling: () => TellValue, modified: number): MessageJson {
  return (value, path) => {
    const { kind } = telling()(value, path, modified);
    return kind.case === 'json' ? decoder.decode(kind.value) : null;
  };
}
