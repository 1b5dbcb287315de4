/** Completion for fish, with what each word is for. */
import { connectionOptions, placeText } from './posix.ts';
import { taskOf, type OptionWord, type Place, type Words } from './words.ts';

export function fishScript({ places, shared }: Words): string {
  return `# hyperloom completion for fish: hyperloom completion fish > ~/.config/fish/completions/hyperloom.fish
function __hyperloom_ask
  set -l words (commandline -opc)
  set -l shared
  for index in (seq 2 (math (count $words) - 1))
    if contains -- $words[$index] ${connectionOptions.join(' ')}
      set -a shared $words[$index..(math $index + 1)]
    end
  end
  hyperloom $shared completion candidates $argv[1] -- (commandline -ct | string replace -r '^--[a-z-]+=' '') 2>/dev/null
end
# Prints the command that the cursor is at, each word with a space before it, and behind a tab the index of the argument.
function __hyperloom_at
  set -l at ''
  set -l index 0
  set -l expects 0
  for word in (commandline -opc)[2..]
    if test $expects = 1
      set expects 0
    else if string match -q -- '-*' $word
      if contains -- "$at $word" $__hyperloom_valued; or contains -- $word $__hyperloom_shared
        set expects 1
      end
    else if contains -- "$at $word" $__hyperloom_commands
      set at "$at $word"
      set index 0
    else
      set index (math $index + 1)
    end
  end
  printf '%s\\t%s\\n' $at $index
end
# It is asked of every line below, and looked at once for each command line.
function __hyperloom_is
  set -l line (commandline -opc | string escape | string join ' ')
  if test "$line" != "$__hyperloom_line"
    set -g __hyperloom_line $line
    set -g __hyperloom_place (__hyperloom_at | string split \\t)
  end
  test "$__hyperloom_place[1]" = "$argv[1]"; or return 1
  test (count $argv) = 1; or string match -q -- $argv[2] $__hyperloom_place[2]
end
set -g __hyperloom_commands ${places
    .slice(1)
    .map(({ name }) => fishQuoted(placeText(name)))
    .join(' ')}
set -g __hyperloom_valued ${places.flatMap(({ name, options }) => valuedWords(placeText(name), options)).join(' ')}
set -g __hyperloom_shared ${valuedWords('', shared).join(' ')}
complete -c hyperloom -e
complete -c hyperloom -f
${shared.map((option) => `complete -c hyperloom -n 'not __hyperloom_is " serve"' ${optionText(option)}`).join('\n')}
${places.flatMap(placeLines).join('\n')}
`;
}

function valuedWords(place: string, options: readonly OptionWord[]): readonly string[] {
  return options
    .filter(({ value }) => value !== undefined)
    .map(({ word }) => fishQuoted(place === '' ? word : `${place} ${word}`));
}

function placeLines({ name, commands, options, arguments: all, isOpen }: Place): readonly string[] {
  const at = (index = ''): string => {
    const condition = `__hyperloom_is ${fishQuoted(placeText(name))}${index === '' ? '' : ` ${fishQuoted(index)}`}`;
    return `complete -c hyperloom -n ${fishQuoted(condition)}`;
  };
  return [
    ...commands.map(({ word, about }) => `${at('0')} -a ${fishQuoted(word)} -d ${fishQuoted(about)}`),
    ...options.map((option) => `${at()} ${optionText(option)}`),
    ...all.map((completable, index) => {
      const pattern = isOpen && index === all.length - 1 ? '*' : String(index);
      return `${at(pattern)}${valueText(taskOf(completable))}`;
    }),
  ];
}

function optionText({ word, about, value }: OptionWord): string {
  const name = word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`;
  return `${name} -d ${fishQuoted(about)}${value === undefined ? '' : valueText(taskOf(value))}`;
}

function valueText(task: string): string {
  const [what = '', ...words] = task.split(' ');
  switch (what) {
    case 'choices':
      return ` -x -a ${fishQuoted(words.join(' '))}`;
    case 'ask':
      return ` -x -a ${fishQuoted(`(__hyperloom_ask ${words.join(' ')})`)}`;
    case 'file':
      return ' -r -F';
    case 'folder':
      return " -x -a '(__fish_complete_directories)'";
    default:
      return ' -x';
  }
}

/** fish reads backslashes in single quotes: only before a quote and before another backslash. */
function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
