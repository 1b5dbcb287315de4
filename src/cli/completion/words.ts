/** What completion scripts of all shells have in common: which words there are at each command. */
import { flattened, type CommandInfo, type Completable, type OptionInfo } from '../reference/command-info.ts';

/** A word and what it is for. */
export interface Word {
  readonly word: string;
  readonly about: string;
}

/** An option at a command, under one of its names. */
export interface OptionWord extends Word {
  /** What its value may be; `undefined`: it takes none. */
  readonly value: Completable | undefined;
}

/** What can be written behind a command. */
export interface Place {
  /** Such as `ghost begin`; empty for the program itself. */
  readonly name: string;
  readonly commands: readonly Word[];
  /** Its own: those that all commands take come apart. */
  readonly options: readonly OptionWord[];
  /** What its arguments may be, in their order. */
  readonly arguments: readonly Completable[];
  /** Whether the last of them can be given again and again. */
  readonly isOpen: boolean;
}

/** All that can be written. */
export interface Words {
  readonly places: readonly Place[];
  /** Options of all commands, but for `serve`, which is no client. */
  readonly shared: readonly OptionWord[];
}

/** The one command that talks to no broker, and has no use for what leads to one. */
export const serveName = 'serve';

const help: OptionWord = { word: '--help', about: 'show help', value: undefined };

/** All words of a program, whose own options every command takes. */
export function wordsOf(program: CommandInfo): Words {
  const places = flattened(program).map((info) => ({
    name: info.name,
    commands: info.commands.map(({ name, summary }) => ({
      word: name.split(' ').at(-1) ?? '',
      about: summary,
    })),
    options: [...(info === program ? [] : info.options.flatMap(optionWords)), help],
    arguments: info.arguments.map(({ completable }) => completable),
    isOpen: info.arguments.at(-1)?.isVariadic ?? false,
  }));
  return { places, shared: program.options.flatMap(optionWords) };
}

/** An option under each of its names. */
function optionWords({ short, long, description, value }: OptionInfo): readonly OptionWord[] {
  return [long, ...(short === undefined ? [] : [short])].map((word) => ({ word, about: description, value }));
}

/** What a script does at a place for a value: a word of a small language that each shell's script knows. */
export function taskOf(completable: Completable): string {
  switch (completable.kind) {
    case 'choices':
      return `choices ${completable.choices.join(' ')}`;
    case 'anything':
    case 'command':
    case 'file':
    case 'folder':
      return completable.kind;
    case 'path':
    case 'ghost':
    case 'lease':
    case 'lock':
    case 'forest':
    case 'schema':
    case 'profile':
      return `ask ${completable.kind}`;
  }
}

/** A text in single quotes, as all three shells read it. */
export function quotedForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
