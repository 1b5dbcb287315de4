/** The part of the scripts that bash and zsh read alike: functions of `case`, since the bash of macOS has no associative arrays. */
import { connectionKeys, optionOf } from '../profiles/profile.ts';
import { quotedForShell, taskOf, type OptionWord, type Place, type Words } from './words.ts';

/**
 * Functions that answer in `REPLY`: `_hyperloom_task PLACE WORD` what the value of an option may be (empty: it takes none), and
 * `_hyperloom_argument PLACE INDEX` what an argument may be. `_hyperloom_at WORDS…` walks over the words before the cursor and sets
 * `at` (the command), `index` (of the argument), `expects` (what the option before the cursor wants) and `shared` (what leads to the broker).
 */
export function posixFunctions({ places, shared }: Words): string {
  const commands = places.slice(1).map(({ name }) => quotedForShell(` ${name}`));
  return `_hyperloom_is_command() {
  case "$1" in
  ${commands.join('|')}) return 0 ;;
  esac
  return 1
}
_hyperloom_task() {
  REPLY=''
  case "$1 $2" in
${places.flatMap(({ name, options }) => optionCases(placeText(name), options)).join('\n')}
  *) case "$2" in
${optionCases('', shared).join('\n')}
  esac ;;
  esac
}
_hyperloom_argument() {
  REPLY=anything
  case "$1 $2" in
${places.flatMap(argumentCases).join('\n')}
  esac
}
_hyperloom_at() {
  at='' index=0 expects='' shared=()
  local word option=''
  for word in "$@"; do
    if [[ $word == -- ]]; then expects=command; return; fi
    if [[ -n $expects && $word == '=' ]]; then continue; fi
    if [[ -n $expects ]]; then
      case "$option" in ${connectionOptions.join('|')}) shared+=("$option" "$word") ;; esac
      expects=''
      continue
    fi
    if [[ $word == -?* ]]; then
      option=$word
      _hyperloom_task "$at" "\${word%%=*}"
      [[ $word == *=* ]] || expects=$REPLY
    elif _hyperloom_is_command "$at $word"; then at="$at $word" index=0
    else index=$((index + 1)); fi
  done
}
_hyperloom_ask() {
  "\${_hyperloom_program:-hyperloom}" "\${shared[@]}" completion candidates "$1" -- "$2" 2>/dev/null
}`;
}

/** Options that say which broker is asked, and as whom. */
export const connectionOptions: readonly string[] = ['--profile', ...connectionKeys.map(optionOf)];

/** One line for all options of a command that want the same. */
function optionCases(place: string, options: readonly OptionWord[]): readonly string[] {
  const byTask = new Map<string, string[]>();
  for (const { word, value } of options) {
    if (value === undefined) continue;
    const task = taskOf(value);
    byTask.set(task, [...(byTask.get(task) ?? []), quotedForShell(place === '' ? word : `${place} ${word}`)]);
  }
  return [...byTask].map(([task, words]) => `  ${words.join('|')}) REPLY=${quotedForShell(task)} ;;`);
}

function argumentCases({ name, arguments: all, isOpen }: Place): readonly string[] {
  return all.map((completable, index) => {
    const isRest = isOpen && index === all.length - 1;
    const pattern = isRest
      ? `${quotedForShell(`${placeText(name)} `)}*`
      : quotedForShell(`${placeText(name)} ${index}`);
    return `  ${pattern}) REPLY=${quotedForShell(taskOf(completable))} ;;`;
  });
}

/** How a script writes the name of a command: each word with a space before it. */
export function placeText(name: string): string {
  return name === '' ? '' : ` ${name}`;
}
