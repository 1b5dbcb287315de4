/** Completion for bash, from 3.2 on (macOS). */
import { placeText, posixFunctions } from './posix.ts';
import { quotedForShell, serveName, type Place, type Words } from './words.ts';

export function bashScript(words: Words): string {
  const { places, shared } = words;
  const lists = (pick: (place: Place) => readonly { readonly word: string }[]): string =>
    places
      .filter((place) => pick(place).length > 0)
      .map(
        (place) =>
          `  ${quotedForShell(placeText(place.name))}) REPLY=${quotedForShell(
            pick(place)
              .map(({ word }) => word)
              .join(' '),
          )} ;;`,
      )
      .join('\n');
  return `# hyperloom completion for bash: source <(hyperloom completion bash)
${posixFunctions(words)}
_hyperloom_commands() {
  REPLY=''
  case "$1" in
${lists(({ commands }) => commands)}
  esac
}
_hyperloom_options() {
  REPLY=''
  case "$1" in
${lists(({ options }) => options)}
  esac
  case "$1" in
  ${quotedForShell(placeText(serveName))}) ;;
  *) REPLY="$REPLY ${shared.map(({ word }) => word).join(' ')}" ;;
  esac
}
${bashFunctions}`;
}

/** What needs no words: it looks at the command line, and proposes. */
const bashFunctions = `# Candidates may hold anything but line breaks, so each is quoted for the command line.
_hyperloom_lines() {
  local line
  while IFS= read -r line; do
    [[ $line == "$cur"* ]] && COMPREPLY+=("$(printf '%q' "$line")")
  done
}
_hyperloom_do() {
  local word
  case "$1" in
  choices*) for word in \${1#choices}; do [[ $word == "$cur"* ]] && COMPREPLY+=("$word"); done ;;
  file) _hyperloom_lines < <(compgen -f -- "$cur"); compopt -o filenames 2>/dev/null ;;
  folder) _hyperloom_lines < <(compgen -d -- "$cur"); compopt -o filenames 2>/dev/null ;;
  command) _hyperloom_lines < <(compgen -c -- "$cur") ;;
  'ask path')
    # Without its quotes, and to be gone on with where there is more below.
    _hyperloom_lines < <(_hyperloom_ask path "$cur")
    case "\${COMPREPLY[*]}" in */) compopt -o nospace 2>/dev/null ;; esac ;;
  ask*) _hyperloom_lines < <(_hyperloom_ask "\${1#ask }" "$cur") ;;
  esac
}
_hyperloom() {
  local cur=\${COMP_WORDS[COMP_CWORD]} at index expects shared REPLY word
  local _hyperloom_program=\${COMP_WORDS[0]}
  COMPREPLY=()
  _hyperloom_at "\${COMP_WORDS[@]:1:COMP_CWORD-1}"
  [[ $cur == '=' && -n $expects ]] && cur=''
  if [[ -n $expects ]]; then _hyperloom_do "$expects"; return; fi
  if [[ $cur == -* ]]; then
    _hyperloom_options "$at"
    for word in $REPLY; do [[ $word == "$cur"* ]] && COMPREPLY+=("$word"); done
    return
  fi
  _hyperloom_commands "$at"
  if [[ -n $REPLY && $index == 0 ]]; then
    for word in $REPLY; do [[ $word == "$cur"* ]] && COMPREPLY+=("$word"); done
  else
    _hyperloom_argument "$at" "$index"
    _hyperloom_do "$REPLY"
  fi
}
complete -F _hyperloom hyperloom
`;
