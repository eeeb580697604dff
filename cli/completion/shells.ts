/** The hidden command that the shells ask, with the words of the line as far as the cursor. */
export const COMPLETE = '__complete';

/** Each line that it answers is a word, a space, and what the word is. In place of words: the shell knows the names of files. */
export const FILES = ':files';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/**
 * What makes a shell ask the command for the words that fit, so that it knows each command and option as soon as the
 * command does. Nothing that goes wrong meanwhile is seen in the line that somebody types.
 */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}

/** By its path where it was typed with one, so that the same command answers. */
const BASH = `# evertoken, completed in bash. In ~/.bashrc: eval "$(evertoken completion bash)"
_evertoken() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == ${FILES} ]]; then
      compopt -o default 2>/dev/null
      return
    fi
    COMPREPLY+=("\${line%% *}")
  done < <(
    if [[ \${COMP_WORDS[0]} == */* ]]; then
      "\${COMP_WORDS[0]}" ${COMPLETE} -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null
    else
      evertoken ${COMPLETE} -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null
    fi
  )
}
complete -F _evertoken evertoken
`;

const ZSH = `#compdef evertoken
# evertoken, completed in zsh. In ~/.zshrc: eval "$(evertoken completion zsh)"
_evertoken() {
  local line
  local -a found
  for line in "\${(@f)$(evertoken ${COMPLETE} -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == ${FILES} ]]; then
      _files
      return
    fi
    [[ -n $line ]] && found+=("\${\${line%% *}//:/\\\\:}:\${line#* }")
  done
  _describe evertoken found
}
if [[ \${funcstack[1]} == _evertoken ]]; then
  _evertoken "$@"
else
  (( \${+functions[compdef]} )) || { autoload -Uz compinit && compinit }
  compdef _evertoken evertoken
fi
`;

const FISH = `# evertoken, completed in fish. In ~/.config/fish/config.fish: evertoken completion fish | source
function __evertoken_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    for line in (evertoken ${COMPLETE} -- $before[2..-1] "$current" 2>/dev/null)
        if test "$line" = ${FILES}
            __fish_complete_path "$current"
        else
            string replace -- ' ' \\t "$line"
        end
    end
end
complete -c evertoken -f -a '(__evertoken_complete)'
`;

const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
