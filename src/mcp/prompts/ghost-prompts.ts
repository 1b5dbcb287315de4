/** Prompts about one ghost. */
import { mcpPageItemsDefault } from '../../base/limits.ts';
import type { Client, GhostInfo, NodeDifference } from '../../../clients/typescript/src/index.ts';
import { onePage } from '../page.ts';
import { tellDifference } from '../shapes/node.ts';

/** What somebody needs who goes on with a ghost. */
export async function resumeGhost(client: Client, ghostId: string): Promise<string> {
  const { info, staged } = await look(client, ghostId);
  return [
    `Go on with the work in ghost ${ghostId}.`,
    aboutGhost(info),
    staged,
    info.state === 'live'
      ? `Work in it: give ghost_id ${JSON.stringify(ghostId)} to read, publish and append. Make a checkpoint when a part is verified. When all is done, look at it with diff and commit it; if it cannot work, revert it and say why.`
      : 'It is over: nothing can be done in it any more. See with history what became of it, and begin a new ghost for what is left to do.',
  ].join('\n\n');
}

/** What somebody needs who judges a ghost. */
export async function reviewGhost(client: Client, ghostId: string, criteria = ''): Promise<string> {
  const { info, staged } = await look(client, ghostId);
  return [
    `Review ghost ${ghostId}: should what is staged in it become part of the state that everybody works from?`,
    aboutGhost(info),
    staged,
    criteria === '' ? '' : `Look for this above all: ${criteria}`,
    'Check each change against what is there now (read), and against what its author had before it (trace upstream). Do not change anything. Say at the end whether you would commit it or revert it, and give the reasons in a form that the author can act on.',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

async function look(
  client: Client,
  ghostId: string,
): Promise<{ readonly info: GhostInfo; readonly staged: string }> {
  const ghost = await client.attach(ghostId);
  if (ghost.info.state !== 'live') return { info: ghost.info, staged: 'What was staged in it is not kept.' };
  const page = await onePage(ghost.diff({ pageSize: mcpPageItemsDefault, form: 'json' }), undefined);
  const more = page.nextPageToken === '' ? '' : '\nThere is more: see all of it with diff.';
  const lines = page.items.map(differenceLine);
  const staged =
    lines.length === 0 ? 'Nothing is staged in it.' : `It would bring:\n${lines.join('\n')}${more}`;
  return { info: ghost.info, staged };
}

function aboutGhost(info: GhostInfo): string {
  const lines = [
    `Begun by: ${info.author === '' ? 'an agent without a name' : info.author}`,
    `For: ${info.label === '' ? '(no label)' : info.label}`,
    `State: ${info.state}`,
    `It stands on revision ${info.baseRevision}.`,
  ];
  if (info.scope !== '' && info.scope !== '/') lines.push(`It may write below ${info.scope} only.`);
  if (info.checkpoints.length > 0)
    lines.push(`Checkpoints: ${info.checkpoints.map(({ name }) => name).join(', ')}`);
  for (const { reason, author } of info.attempts)
    lines.push(
      `An attempt was reverted by ${author === '' ? 'somebody' : author}: ${reason === '' ? '(no reason)' : reason}`,
    );
  return lines.join('\n');
}

function differenceLine(difference: NodeDifference): string {
  const { path, change, before, after } = tellDifference(difference);
  const sides = [before, after].map((node) =>
    node === undefined ? 'absent' : JSON.stringify(node.value ?? node.part?.text ?? node.kind),
  );
  return `- ${path} (${change}): ${sides.join(' → ')}`;
}
