/** The tree of commands as plain data: what completions and docs/cli.md are made of. */
import type { Argument, Command, Option } from 'commander';

import type { Example } from './example.ts';
import { examplesOf, nameOf } from './examples.ts';

/** What can be written somewhere, for those who propose it. */
export type Completable =
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  | { readonly kind: 'file' | 'folder' | 'command' | 'anything' }
  /** Out of the broker, or out of the profiles. */
  | { readonly kind: 'path' | 'ghost' | 'lease' | 'lock' | 'forest' | 'schema' | 'profile' };

export interface ArgumentInfo {
  readonly name: string;
  readonly description: string;
  readonly isRequired: boolean;
  readonly isVariadic: boolean;
  readonly completable: Completable;
}

export interface OptionInfo {
  /** As in the help, such as `-q, --quiet` or `--at <revision>`. */
  readonly flags: string;
  readonly short: string | undefined;
  readonly long: string;
  readonly description: string;
  /** `undefined`: it takes no value. */
  readonly value: Completable | undefined;
  readonly choices: readonly string[];
  readonly byDefault: string | undefined;
  readonly variable: string | undefined;
}

export interface CommandInfo {
  /** Such as `ghost begin`; empty for the program itself. */
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly usage: string;
  readonly arguments: readonly ArgumentInfo[];
  readonly options: readonly OptionInfo[];
  readonly commands: readonly CommandInfo[];
  readonly examples: readonly Example[];
}

/** Describes a command and all below it; hidden ones are left out. What a group takes, such as `token --file`, each of its commands takes. */
export function commandInfo(command: Command, ofGroup: readonly OptionInfo[] = []): CommandInfo {
  const name = nameOf(command);
  const commands = command.commands.filter((below) => !isHidden(below));
  const options = [
    ...command.options.filter(({ hidden }) => !hidden).map((option) => optionInfo(option)),
    ...ofGroup,
  ];
  return {
    name,
    summary: command.summary() === '' ? command.description() : command.summary(),
    description: descriptionOf(command),
    usage: `hyperloom ${name === '' ? '' : `${name} `}${command.usage()}`,
    arguments: command.registeredArguments.map((argument) => argumentInfo(argument, name)),
    options,
    commands: commands.map((below) => commandInfo(below, name === '' ? [] : options)),
    examples: examplesOf(name),
  };
}

/** What it does, in sentences. */
export function descriptionOf(command: Command): string {
  return command.description() === '' ? sentence(command.summary()) : command.description();
}

/** It and all below it, in the order of the help. */
export function flattened(info: CommandInfo): readonly CommandInfo[] {
  return [info, ...info.commands.flatMap(flattened)];
}

function isHidden(command: Command): boolean {
  return '_hidden' in command && command._hidden === true;
}

function argumentInfo(argument: Argument, command: string): ArgumentInfo {
  const { description, required, variadic, argChoices } = argument;
  const name = argument.name();
  return {
    name,
    description,
    isRequired: required,
    isVariadic: variadic,
    completable: completable(name, `${command} ${name}`, argChoices),
  };
}

function optionInfo(option: Option): OptionInfo {
  const { flags, short, long, description, argChoices, defaultValue, defaultValueDescription, envVar } =
    option;
  const value = /[<[](.+?)(?:\.\.\.)?[>\]]/.exec(flags)?.[1];
  return {
    flags,
    short: short ?? undefined,
    long: long ?? '',
    description,
    value: value === undefined ? undefined : completable(value, `${long ?? ''} ${value}`, argChoices),
    choices: argChoices ?? [],
    byDefault: shownDefault(defaultValue, defaultValueDescription),
    variable: envVar,
  };
}

/** As the help shows it: defaults that say nothing are left out. */
function shownDefault(value: unknown, description: string | undefined): string | undefined {
  if (description !== undefined) return description;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What names alone do not tell: by command and argument, or option and value. */
const exactly: Readonly<Record<string, Completable['kind']>> = {
  'ghost checkpoint name': 'anything',
  'forest create name': 'anything',
  'forest delete name': 'forest',
  'forest move name': 'anything',
  'forest move from': 'folder',
  'forest move to': 'folder',
  'schema pull name': 'schema',
  'profile add name': 'anything',
  'profile use name': 'profile',
  'profile rm name': 'profile',
  'lease end id': 'lease',
  'lock release id': 'lock',
  '--ghost id': 'ghost',
  '--parent id': 'ghost',
  '--lease id': 'lease',
  '--forest name': 'forest',
  '--profile name': 'profile',
};

const byName: Readonly<Record<string, Completable['kind']>> = {
  path: 'path',
  pattern: 'path',
  source: 'path',
  target: 'path',
  tree: 'path',
  file: 'file',
  FILE: 'file',
  folder: 'folder',
  DIR: 'folder',
};

function completable(name: string, place: string, choices: readonly string[] | undefined): Completable {
  if (choices !== undefined) return { kind: 'choices', choices };
  const kind = exactly[place] ?? (place.startsWith('ghost ') && name === 'id' ? 'ghost' : byName[name]);
  return kind === undefined || kind === 'choices' ? { kind: 'anything' } : { kind };
}

function sentence(text: string): string {
  return text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
