import type { Shell } from './candidates.ts';

/**
 * The script that completes command lines in a shell: it asks the program itself (`__complete`), which answers with a candidate a line
 * and, at the end, `:` and a sum of 2 (no space behind) and 4 (no files).
 */
export function completionScript(shell: Shell, descriptions: boolean): string {
  return SCRIPTS[shell].replaceAll('@ASK@', descriptions ? '__complete' : '__completeNoDesc');
}

// bash splits words at `=` and `:`, which belong to values here: what stands before them is cut off again.
const BASH = String.raw`# Completes pintle in bash: source <(pintle completion bash)
_pintle_complete() {
    local line="${'$'}{COMP_LINE:0:COMP_POINT}" words current out directive item kept=""
    COMPREPLY=()
    read -r -a words <<< "$line"
    case "$line" in *[[:space:]]) words+=("") ;; esac
    current="${'$'}{words[${'$'}{#words[@]}-1]}"
    out="$("${'$'}{words[0]}" __completeNoDesc "${'$'}{words[@]:1}" 2> /dev/null)" || return
    directive="${'$'}{out##*:}"
    out="${'$'}{out%:*}"
    case "$COMP_WORDBREAKS" in
        *[=:]*) case "$current" in *[=:]*) kept="${'$'}{current%"${'$'}{current##*[=:]}"}" ;; esac ;;
    esac
    while IFS= read -r item; do
        case "$item" in
            "") ;;
            "$current"*) COMPREPLY+=("${'$'}{item#"$kept"}") ;;
        esac
    done <<< "$out"
    type compopt > /dev/null 2>&1 || return 0
    if ((directive & 2)); then compopt -o nospace; fi
    if ((directive & 4)); then compopt +o default; fi
}
complete -o default -F _pintle_complete pintle
`;

const ZSH = String.raw`#compdef pintle
# Completes pintle in zsh: source <(pintle completion zsh)
_pintle() {
    local -a lines found options
    local line directive
    lines=("${'$'}{(@f)$(${'$'}{words[1]} @ASK@ "${'$'}{(@Q)words[2,CURRENT]}" 2> /dev/null)}")
    directive=${'$'}{lines[-1]#:}
    for line in ${'$'}{lines[1,-2]}; do
        if [[ $line == *$'\t'* ]]; then
            found+=("${'$'}{${'$'}{line%%$'\t'*}//:/\\:}:${'$'}{line#*$'\t'}")
        else
            found+=("${'$'}{line//:/\\:}")
        fi
    done
    ((directive & 2)) && options=(-S '')
    (($#found)) && _describe -V pintle found "${'$'}{options[@]}" && return
    ((directive & 4)) || _files
}
if [[ $funcstack[1] == _pintle ]]; then _pintle "$@"; else compdef _pintle pintle; fi
`;

const FISH = String.raw`# Completes pintle in fish: pintle completion fish | source
function __pintle_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] @ASK@ $words[2..-1] "$current" 2> /dev/null)
    set -l directive (string replace ':' '' -- $lines[-1])
    test (count $lines) -gt 1; and printf '%s\n' $lines[1..-2]
    if test (math "floor($directive / 4) % 2") -eq 0
        __fish_complete_path "$current"
    end
end
complete -c pintle -e
complete -c pintle -f -a '(__pintle_complete)'
`;

const POWERSHELL = String.raw`# Completes pintle in PowerShell: pintle completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName pintle -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text })
    $program = $words[0]
    $rest = @($words | Select-Object -Skip 1)
    if ($wordToComplete -eq '') { $rest += '""' }
    $lines = @(& $program @ASK@ @rest 2> $null)
    $lines | Select-Object -SkipLast 1 | ForEach-Object {
        $value, $about = $_ -split [char]9, 2
        if (-not $about) { $about = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $about)
    }
}
`;

const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH, powershell: POWERSHELL };
