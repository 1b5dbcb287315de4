/**
 * Goal: what the help and docs/cli.md say of the commands is true and whole. Method: the tree of commands as users have it: each has
 * examples, each example is understood by the commands themselves, and the page is what the commands make of it.
 */
import { readFileSync } from 'node:fs';

import type { Command } from 'commander';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';

import { cliReference, referenceFile, wholeProgram } from '../../scripts/cli-reference/page.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { descriptionOf, flattened } from '../../src/cli/reference/command-info.ts';
import { exampleNames, nameOf } from '../../src/cli/reference/examples.ts';
import { registerCommands } from '../../src/cli/register.ts';
import { processSurroundings } from '../../src/cli/surroundings.ts';
import { addDemo } from '../../src/demo-command.ts';
import { addMcp } from '../../src/mcp-command.ts';
import { addForestMove } from '../../src/move-command.ts';
import { addToken } from '../../src/token-command.ts';
import { addVerify } from '../../src/verify-command.ts';
import { newProgram } from '../../src/serve-command.ts';

const commands = flattened(wholeProgram()).filter(({ commands: below }) => below.length === 0);

describe('every command', () => {
  it.each(commands.map((info) => [info.name, info] as const))(
    '%s has a summary, a description and examples',
    (_, info) => {
      expect(info.summary).toMatch(/^\S.*[^.]$/);
      expect(info.description).toMatch(/^[A-Z].*\.$/s);
      expect(info.examples.length).toBeGreaterThan(0);
      for (const { line } of info.examples) expect(line).toContain(`hyperloom `);
      for (const { name, description } of info.arguments) expect(description, name).not.toBe('');
      for (const { flags, description } of info.options) expect(description, flags).not.toBe('');
    },
  );

  it('shows its help', () => {
    const program = everyCommand();
    for (const command of below(program)) {
      const help = command.helpInformation();
      expect(help).toContain('Usage: ');
      for (const option of command.options) expect(help, nameOf(command)).toContain(option.long);
    }
  });

  it('shows the commands of a group before the options of all', () => {
    const groups = allBelow(everyCommand()).filter((command) => command.commands.length > 0);
    expect(groups.map(nameOf)).toContain('ghost');
    for (const command of groups) {
      const parts = command.helpInformation().match(/^\S.*:$/gm);
      expect(parts, nameOf(command)).toEqual(['Commands:', 'Options:', 'Global Options:']);
    }
  });

  it('says in its help what it does, on a narrow terminal as well', () => {
    const program = everyCommand();
    for (const command of allBelow(program)) {
      const name = nameOf(command);
      command.configureHelp({ ...command.configureHelp(), helpWidth: 60 });
      const help = command.helpInformation();
      expect(help.replace(/\s+/g, ' '), name).toContain(descriptionOf(command).replace(/\s+/g, ' '));
      // The first lines are its usage.
      const lines = help.split('\n\n').slice(1).join('\n').split('\n');
      // A word alone cannot be wrapped.
      const wide = lines.filter((line) => stringWidth(line) > 60 && line.trim().includes(' '));
      expect(wide, name).toEqual([]);
    }
  });

  it('says where its help is when it is used wrongly, and what was wrong last', async () => {
    for (const [line, error] of [
      ['', "error: unknown command 'nonsense'"],
      ['ls', "error: unknown option '--nonsense'"],
      ['ghost review approve', "error: unknown option '--nonsense'"],
    ] as const) {
      const program = everyCommand(() => {
        throw new Error('it ended');
      });
      let told = '';
      for (const command of [program, ...allBelow(program)])
        command.configureOutput({ writeErr: (text) => void (told += text) });
      const words = line === '' ? ['nonsense'] : [...line.split(' '), '--nonsense'];
      await expect(program.parseAsync(words, { from: 'user' })).rejects.toThrow('it ended');
      expect(told).toBe(`${error}\nsee "hyperloom ${line}${line === '' ? '' : ' '}--help"\n`);
    }
  });

  it('is there for all examples', () => {
    const names = commands.map(({ name }) => name);
    expect(exampleNames().filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe('every example', () => {
  const examples = commands.flatMap(({ name, examples: shown }) =>
    shown.map(({ line }) => [name, line] as const),
  );

  it.each(examples)('of %s is understood: %s', async (name, line) => {
    const understood = await commandsIn(line);
    expect(understood).toContain(name);
  });
});

/** The names of the `hyperloom` commands that a line runs. Nothing is run. */
async function commandsIn(line: string): Promise<readonly string[]> {
  const ran: string[] = [];
  for (const words of commandLines(line)) {
    const program = everyCommand((code) => {
      throw new Error(`${line} ends with ${code}`);
    });
    for (const command of below(program)) command.action(() => void ran.push(nameOf(command)));
    await program.parseAsync(words, { from: 'user' });
  }
  return ran;
}

/** The program as users have it. */
function everyCommand(exit: (code: number) => never = () => expect.unreachable()): Command {
  const program = newProgram({}, () => Promise.resolve());
  const surroundings = { ...processSurroundings({}), exit };
  registerCommands(program, surroundings);
  addMcp(program, {});
  addDemo(program);
  addToken(program, surroundings);
  addVerify(program, surroundings);
  addForestMove(program, surroundings);
  return program;
}

function below(command: Command): readonly Command[] {
  return allBelow(command).filter(({ commands: more }) => more.length === 0);
}

function allBelow(command: Command): readonly Command[] {
  return command.commands.flatMap((each) => [each, ...allBelow(each)]);
}

/** The words behind each `hyperloom` of a shell's line, as far as examples go: quotes, pipes, redirections, substitutions. */
function commandLines(line: string): readonly (readonly string[])[] {
  const tokens = [...line.matchAll(/'[^']*'|"[^"]*"|&&|\|\||[|;()<>]|\$\(|<\(|[^\s'"|;()<>]+/g)].map(
    ([token]) => token,
  );
  const found: string[][] = [];
  let current: string[] | undefined;
  for (const token of tokens) {
    if (/^(?:hyperloom|\S*=\$?)$/.test(token) && current === undefined) {
      if (token === 'hyperloom') found.push((current = []));
    } else if (/^(?:&&|\|\||[|;()<>]|\$\(|<\()$/.test(token)) current = undefined;
    else current?.push(token.replace(/^(['"])(.*)\1$/s, '$2'));
  }
  return found;
}

describe('docs/cli.md', () => {
  it('is what the commands make of it: run "npm run cli-reference"', async () => {
    const page = readFileSync(referenceFile, 'utf8');
    expect(await cliReference(page)).toBe(page);
  });

  it('tells exit codes that differ from each other', () => {
    const codes = Object.values(exitCodes).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });
});
