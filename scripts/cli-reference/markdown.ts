/** Commands, options and exit codes as Markdown. */
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { flattened, type CommandInfo, type OptionInfo } from '../../src/cli/reference/command-info.ts';

/** A table of exit codes. */
export function exitCodesText(): string {
  const rows = Object.values(exitCodes).map(({ code, meaning }) => `| ${code} | ${escaped(meaning)} |`);
  return ['| code | when |', '| --- | --- |', ...rows].join('\n');
}

/** The options that all commands take. */
export function optionsText({ options }: CommandInfo): string {
  const rows = options.map(
    ({ flags, description, variable, ...option }) =>
      `| \`${flags}\` | ${escaped(description + detail(option))} | ${variable === undefined ? '' : `\`${variable}\``} |`,
  );
  return ['| option | what it says | environment |', '| --- | --- | --- |', ...rows].join('\n');
}

/** A section for each command that does something. */
export function commandsText(program: CommandInfo): string {
  return flattened(program)
    .filter(({ name }) => name !== '')
    .map((info) => (info.commands.length > 0 ? groupText(info) : commandText(info)))
    .join('\n\n');
}

function groupText({ name, description }: CommandInfo): string {
  return `### ${name}\n\n${escaped(description)}`;
}

function commandText({ name, description, usage, arguments: all, options, examples }: CommandInfo): string {
  const level = name.includes(' ') ? '####' : '###';
  const given = all.map(({ name: argument, description: about }) => `- \`${argument}\`: ${escaped(about)}`);
  const chosen = options.map(
    (option) =>
      `- \`${option.flags}\`: ${escaped(option.description + detail(option))}${variableText(option)}`,
  );
  const shown = examples.map(({ line, what }) => (what === '' ? line : `${line} # ${what}`));
  return [
    `${level} ${name}`,
    escaped(description),
    `\`\`\`text\n${usage}\n\`\`\``,
    [...given, ...chosen].join('\n'),
    shown.length === 0 ? '' : `\`\`\`sh\n${shown.join('\n')}\n\`\`\``,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Choices and default, where there are any. */
function detail({ choices, byDefault }: Pick<OptionInfo, 'choices' | 'byDefault'>): string {
  return [
    choices.length === 0 ? '' : `; one of ${choices.join(', ')}`,
    byDefault === undefined ? '' : `; default: ${byDefault}`,
  ].join('');
}

function variableText({ variable }: OptionInfo): string {
  return variable === undefined ? '' : ` (or \`${variable}\`)`;
}

/** Texts stand as they are, whatever Markdown would make of them. */
function escaped(text: string): string {
  return text.replace(/[\\`*_<>[\]|#]/g, (found) => (found === '#' ? '#' : `\\${found}`));
}
