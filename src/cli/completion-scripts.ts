/** Completion scripts for shells, made from the declarations of the commands. */
import type { Command, Input, Option } from "./command.ts";
import { globalFlags } from "./globals.ts";

/** Words after a flag that is waiting for its value fall back to file names (`-o default`). */
export function bashScript(commands: readonly Command[]): string {
  const values = commands.flatMap((command) =>
    Object.values(command.options)
      .filter(takesValue)
      .map((option) => {
        const flags = spellings(option).map((flag) => `${command.name}:${flag}`);
        return `    ${flags.join("|")}) words=${quoted(suggestions(option).join(" "))} ;;`;
      }),
  );
  const words = commands.map((command) => {
    const own = Object.values(command.options).flatMap(spellings);
    const args = Object.values(command.arguments).flatMap(suggestions);
    return `    ${command.name}:*) words=${quoted([...args, ...own, ...globals()].join(" "))} ;;`;
  });
  const names = [...commands.map(({ name }) => name), ...globals()];
  return `# ordo completion for bash
_ordo() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ $word != -* ]]; then command=$word; break; fi
  done
  case "$command:$before" in
${[...values, ...words].join("\n")}
    :*) words=${quoted(names.join(" "))} ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _ordo ordo
`;
}

export function zshScript(commands: readonly Command[]): string {
  const names = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  const cases = commands.map((command) => {
    const args = Object.entries(command.arguments).map(([key, argument]) =>
      quoted(`${argument.many ? "*" : ""}:${zshText(key)}:${zshValues(argument)}`),
    );
    const options = Object.values(command.options).flatMap((option) =>
      spellings(option).map((flag) => {
        const value = takesValue(option) ? `:value:${zshValues(option)}` : "";
        return quoted(`${flag}[${zshText(option.summary)}]${value}`);
      }),
    );
    const specs = [...args, ...options, `"\${global[@]}"`];
    return `        ${command.name}) _arguments ${specs.join(" ")} ;;`;
  });
  const global = globalFlags.flatMap(({ flags, summary }) =>
    flags.split(", ").map((flag) => quoted(`${flag}[${zshText(summary)}]`)),
  );
  return `#compdef ordo
_ordo() {
  local context state line
  local -a commands global
  commands=(
${names.join("\n")}
  )
  global=(${global.join(" ")})
  _arguments -C '1:command:->command' '*::argument:->argument' "\${global[@]}"
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
${cases.join("\n")}
      esac ;;
  esac
}
compdef _ordo ordo
`;
}

export function fishScript(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => {
    const within = `complete -c ordo -n '__fish_seen_subcommand_from ${command.name}'`;
    const args = Object.values(command.arguments).flatMap((argument) => {
      const words = suggestions(argument);
      return words.length > 0 ? [`${within} -xa ${quoted(words.join(" "))}`] : [];
    });
    const options = Object.values(command.options).map((option) => {
      const words = suggestions(option);
      const value = !takesValue(option)
        ? ""
        : words.length > 0
          ? ` -xa ${quoted(words.join(" "))}`
          : " -r";
      return `${within} ${fishFlags(spellings(option))}${value} -d ${quoted(option.summary)}`;
    });
    return [
      `complete -c ordo -f -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.summary)}`,
      ...args,
      ...options,
    ];
  });
  const global = globalFlags.map(
    ({ flags, summary }) =>
      `complete -c ordo ${fishFlags(flags.split(", "))} -d ${quoted(summary)}`,
  );
  return `# ordo completion for fish\n${[...lines, ...global].join("\n")}\n`;
}

function spellings({ flags, aliases = [] }: Option<unknown>): string[] {
  return [...flags.split(/[ ,|]+/).filter((word) => word.startsWith("-")), ...aliases];
}

function takesValue({ flags }: Option<unknown>): boolean {
  return /[<[]/.test(flags);
}

function suggestions(input: Input<unknown>): readonly string[] {
  return input.suggest?.() ?? [];
}

function globals(): string[] {
  return globalFlags.flatMap(({ flags }) => flags.split(", "));
}

function fishFlags(flags: readonly string[]): string {
  return flags
    .map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
    .join(" ");
}

function zshValues(input: Input<unknown>): string {
  const words = suggestions(input);
  return words.length > 0 ? `(${words.join(" ")})` : "_files";
}

/** Brackets and colons separate the parts of a zsh specification. */
function zshText(text: string): string {
  return text.replace(/[[\]:\\]/g, "\\$&");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
