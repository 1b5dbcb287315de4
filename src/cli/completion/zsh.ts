/** Completion for zsh, with what each word is for. */
import { placeText, posixFunctions } from './posix.ts';
import { quotedForShell, serveName, type Place, type Word, type Words } from './words.ts';

export function zshScript(words: Words): string {
  const { places, shared } = words;
  const lists = (pick: (place: Place) => readonly Word[]): string =>
    places
      .filter((place) => pick(place).length > 0)
      .map(
        (place) =>
          `  ${quotedForShell(placeText(place.name))}) reply=(${pick(place).map(described).join(' ')}) ;;`,
      )
      .join('\n');
  return `#compdef hyperloom
# hyperloom completion for zsh: into a folder of $fpath as _hyperloom, or source it after compinit.
${posixFunctions(words)}
_hyperloom_commands() {
  reply=()
  case "$1" in
${lists(({ commands }) => commands)}
  esac
}
_hyperloom_options() {
  reply=()
  case "$1" in
${lists(({ options }) => options)}
  esac
  case "$1" in
  ${quotedForShell(placeText(serveName))}) ;;
  *) reply+=(${shared.map(described).join(' ')}) ;;
  esac
}
${zshFunctions}`;
}

/** As \`_describe\` reads it: a word, a colon, and what it is for. */
function described({ word, about }: Word): string {
  return quotedForShell(`${word.replaceAll(':', '\\:')}:${about}`);
}

/** What needs no words: it looks at the command line, and proposes. */
const zshFunctions = `_hyperloom_do() {
  local -a found
  case "$1" in
  choices*) found=(\${=1#choices}); compadd -- $found ;;
  file) _files ;;
  folder) _files -/ ;;
  command) _command_names ;;
  'ask path')
    found=("\${(@f)$(_hyperloom_ask path "$PREFIX")}")
    # What ends with / is gone on with.
    compadd -S '' -- \${(M)found:#*/}
    compadd -- \${found:#*/} ;;
  ask*) found=("\${(@f)$(_hyperloom_ask "\${1#ask }" "$PREFIX")}"); compadd -- \${found:#} ;;
  esac
}
_hyperloom() {
  local at index expects REPLY
  local _hyperloom_program=\${words[1]}
  local -a reply shared
  _hyperloom_at "\${(@)words[2,CURRENT-1]}"
  if [[ -n $expects ]]; then _hyperloom_do "$expects"; return; fi
  if [[ $PREFIX == --*=* ]]; then
    _hyperloom_task "$at" "\${PREFIX%%=*}"
    compset -P '*='
    _hyperloom_do "$REPLY"
    return
  fi
  if [[ $PREFIX == -* ]]; then
    _hyperloom_options "$at"
    _describe -o option reply
    return
  fi
  _hyperloom_commands "$at"
  if (( $#reply && index == 0 )); then _describe command reply
  else
    _hyperloom_argument "$at" "$index"
    _hyperloom_do "$REPLY"
  fi
}
if [[ "\${funcstack[1]-}" == _hyperloom ]]; then _hyperloom "$@"
elif (( $+functions[compdef] )); then compdef _hyperloom hyperloom; fi
`;
