/** `hyperloom serve` on the command line: a flag for each setting. */
import { readFileSync } from 'node:fs';

import { Command } from 'commander';

import { minWidthToWrap, showExamples } from './cli/reference/examples.ts';
import { ConfigError } from './config-value.ts';
import { makeSettings, parseConfigFile, settingInfos, variableOf, type Settings } from './config.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The program with `serve`, to which the commands that are clients are added. */
export function newProgram(environment: Environment, start: (settings: Settings) => Promise<void>): Command {
  const program = new Command('hyperloom').description('Shared state for fleets of AI agents.');
  program.addCommand(serveCommand(environment, start));
  showExamples(program);
  return program;
}

function serveCommand(environment: Environment, start: (settings: Settings) => Promise<void>): Command {
  const command = new Command('serve')
    .summary('run a broker')
    .description('Runs a broker.')
    .configureHelp({ minWidthToWrap });
  command.option('--config <FILE>', 'file of settings, "name = value" a line');
  for (const { name, value, byDefault, help } of settingInfos) {
    const told = [
      byDefault === '' || value === '' ? '' : `default ${byDefault}; `,
      `or ${variableOf(name)}`,
    ].join('');
    command.option(`--${name}${value === '' ? '' : ` <${value}>`}`, `${help} (${told})`);
  }
  return command.action(() => start(makeSettings(sources(command, environment))));
}

/** Flags, then the environment, then the config file. */
function sources(command: Command, environment: Environment): ReadonlyMap<string, string>[] {
  const flags = new Map<string, string>();
  const variables = new Map<string, string>();
  const options = command.opts<Record<string, string | boolean | undefined>>();
  for (const { name } of settingInfos) {
    const option = options[camelCase(name)];
    if (option !== undefined) flags.set(name, String(option));
    const variable = environment[variableOf(name)];
    if (variable !== undefined) variables.set(name, variable);
  }
  const file = options.config === undefined ? environment['HYPERLOOM_CONFIG'] : String(options.config);
  if (file === undefined || file === '') return [flags, variables];
  return [flags, variables, parseConfigFile(readConfig(file), file)];
}

function readConfig(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`config: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
