/** `hyperloom completion`: scripts that let a shell propose commands, options, and what is in the broker. */
import type { Command } from 'commander';

import { bashScript } from '../../completion/bash.ts';
import { fishScript } from '../../completion/fish.ts';
import { wordsOf, type Words } from '../../completion/words.ts';
import { zshScript } from '../../completion/zsh.ts';
import type { AddCommand, Run } from '../../context.ts';
import { commandInfo } from '../../reference/command-info.ts';
import { addCandidates } from './candidates.ts';

const shells: Readonly<Record<string, (words: Words) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

export const addCompletion: AddCommand = (program, run) => {
  const completion = program
    .command('completion')
    .summary('print a script that completes command lines in a shell')
    .description(
      'Prints a script for a shell, made from the commands as they are: it completes commands, options and their choices, files, and asks ' +
        'the broker for paths, ghosts, leases, locks, forests and schemas.',
    );
  for (const [shell, script] of Object.entries(shells)) addShell(completion, program, run, shell, script);
  addCandidates(completion, run);
};

function addShell(
  to: Command,
  program: Command,
  run: Run,
  shell: string,
  script: (words: Words) => string,
): void {
  to.command(shell)
    .summary(`for ${shell}`)
    .action(() => run(({ output }) => output.write(script(wordsOf(commandInfo(program))))));
}
