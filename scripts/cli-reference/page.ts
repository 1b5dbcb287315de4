/** Puts what is made from the commands between the marks of docs/cli.md; what is around them is written by hand. */
import { join } from 'node:path';

import { format, resolveConfig } from 'prettier';

import { registerCommands } from '../../src/cli/register.ts';
import { commandInfo, type CommandInfo } from '../../src/cli/reference/command-info.ts';
import { processSurroundings } from '../../src/cli/surroundings.ts';
import { addDemo } from '../../src/demo-command.ts';
import { addMcp } from '../../src/mcp-command.ts';
import { addForestMove } from '../../src/move-command.ts';
import { addToken } from '../../src/token-command.ts';
import { addVerify } from '../../src/verify-command.ts';
import { newProgram } from '../../src/serve-command.ts';
import { root } from '../step.ts';
import { commandsText, exitCodesText, optionsText } from './markdown.ts';

export const referenceFile = join(root, 'docs', 'cli.md');

/** All commands, as users have them. */
export function wholeProgram(): CommandInfo {
  const program = newProgram({}, () => Promise.resolve());
  const surroundings = processSurroundings({});
  registerCommands(program, surroundings);
  addMcp(program, {});
  addDemo(program);
  addToken(program, surroundings);
  addVerify(program, surroundings);
  addForestMove(program, surroundings);
  return commandInfo(program);
}

/** The page with its generated parts made anew. */
export async function cliReference(page: string): Promise<string> {
  const info = wholeProgram();
  const parts: Readonly<Record<string, string>> = {
    'exit codes': exitCodesText(),
    options: optionsText(info),
    commands: commandsText(info),
  };
  let made = page;
  for (const [name, text] of Object.entries(parts)) {
    const [begin, end] = [`<!-- ${name}: made by "npm run cli-reference" -->`, `<!-- end of ${name} -->`];
    const [from, to] = [made.indexOf(begin), made.indexOf(end)];
    if (from < 0 || to < from)
      throw new Error(`${referenceFile} has no place for ${name}: ${begin} … ${end}`);
    made = `${made.slice(0, from + begin.length)}\n\n${text}\n\n${made.slice(to)}`;
  }
  return format(made, { ...(await resolveConfig(referenceFile)), filepath: referenceFile });
}
