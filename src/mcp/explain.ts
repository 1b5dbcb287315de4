/** Errors as a model reads them: what was refused, where, and what to do next. */
import { mcpChangesMax } from '../base/limits.ts';
import {
  ConflictError,
  DeadlockError,
  HyperloomError,
  type Conflict,
  type Node,
} from '../../clients/typescript/src/index.ts';
import { nextStepDefault, nextSteps, nextStepsByCode } from './next-steps.ts';
import { beginningOf } from './shapes/window.ts';
import { Stopping, stoppingStep } from './stopping.ts';
import { WrongUse } from './wrong-use.ts';

/** What a model is told; `undefined` for what is no refusal but a mistake of the bridge. */
export function explain(error: unknown): string | undefined {
  if (error instanceof WrongUse) return `${error.message}.\nNext: correct the arguments, and call again.`;
  if (error instanceof Stopping) return `${error.message} (NOT_SERVING).\nNext: ${stoppingStep}`;
  if (!(error instanceof HyperloomError)) return undefined;
  const what = error.reason === '' ? error.code : error.reason;
  return [`${error.message} (${what})`, ...detailLines(error), `Next: ${nextStepOf(error)}`].join('\n');
}

/** The same error, as one line. */
export function explainBriefly(error: unknown): string {
  return explain(error)?.replaceAll('\n', ' ') ?? 'the bridge failed; its log says why';
}

function nextStepOf({ reason, code }: HyperloomError): string {
  return nextSteps[reason] ?? nextStepsByCode[code] ?? nextStepDefault;
}

function detailLines(error: HyperloomError): string[] {
  const lines = error.violations.map(({ field, description }) => `- ${field}: ${description}`);
  const told = ['oldest_revision', 'newest_revision', 'last_revision', 'review_reason', 'holder', 'actual'];
  for (const name of told) {
    const value = error.metadata[name];
    if (value !== undefined && value !== '') lines.push(`- ${name}: ${value}`);
  }
  if (error instanceof ConflictError) {
    lines.push(...error.conflicts.slice(0, mcpChangesMax).map(conflictLine));
    const more = error.total - Math.min(error.conflicts.length, mcpChangesMax);
    if (more > 0) lines.push(`- and ${more} more`);
  }
  if (error instanceof DeadlockError)
    lines.push(
      ...error.circle.map(
        ({ author, leaseId, targets }) =>
          `- ${author === '' ? `lease ${leaseId}` : author} waits for ${targets.map(({ path }) => path).join(', ')}`,
      ),
    );
  return lines.slice(0, mcpChangesMax + 1);
}

function conflictLine({ path, kind, message, base, trunk, ghost }: Conflict): string {
  const sides = `base ${sideText(base)}, now ${sideText(trunk)}, yours ${sideText(ghost)}`;
  return `- ${path} (${kind}): ${message === '' ? '' : `${message}; `}${sides}`;
}

function sideText(node: Node | undefined): string {
  if (node === undefined) return 'absent';
  if (node.json !== undefined) return beginningOf(node.json, 80);
  return typeof node.value === 'string' ? JSON.stringify(beginningOf(node.value, 80)) : node.kind;
}
