/** Help texts, made from the declarations: what it does, examples, then the flags. */
import { type Argument, type Command, isOptional, type Option } from "./command.ts";
import { globalFlags } from "./globals.ts";
import { table } from "./table.ts";
import type { Colors } from "./terminal.ts";

/** Help of one command. */
export function commandHelp(command: Command, colors: Colors): string {
  const args = Object.entries(command.arguments);
  const options = Object.values(command.options);
  return page(colors, {
    [command.summary]: [],
    Examples: command.examples,
    Usage: [`ordo ${[command.name, ...args.map(usage), "[options]"].join(" ")}`],
    Arguments: rows(args.map(([key, argument]) => [key, described(argument)])),
    Options: rows(options.map((option) => [aligned(option.flags), described(option)])),
    "On every command": globalRows(),
  });
}

/** Help of the program: its commands. */
export function programHelp(commands: readonly Command[], colors: Colors): string {
  return page(colors, {
    "Visual autoregressive generation: images drawn token by token.": [],
    Examples: commands.slice(0, 5).flatMap(({ examples }) => examples.slice(0, 1)),
    Usage: ["ordo <command> [options]"],
    Commands: rows(commands.map(({ name, summary }) => [name, summary])),
    "On every command": globalRows(),
  });
}

function page(colors: Colors, sections: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(sections)
    .filter(([, lines], i) => i === 0 || lines.length > 0)
    .map(([title, lines], i) =>
      [i === 0 ? title : colors.bold(title), ...lines.map((line) => `  ${line}`)].join("\n"),
    )
    .join("\n\n");
}

function usage([key, argument]: [string, Argument<unknown>]): string {
  const name = argument.many ? `${key}...` : key;
  return isOptional(argument) ? `[${name}]` : `<${name}>`;
}

function described(input: Argument<unknown> | Option<unknown>): string {
  const notes = [];
  if ("flags" in input && !isOptional(input)) notes.push("required");
  const preset = input.schema.safeParse(undefined).data;
  if (typeof preset === "string" || typeof preset === "number") notes.push(`default ${preset}`);
  if ("aliases" in input && input.aliases) notes.push(`also ${input.aliases.join(", ")}`);
  if ("env" in input && input.env) notes.push(`or ${input.env}`);
  return notes.length > 0 ? `${input.summary} (${notes.join("; ")})` : input.summary;
}

function globalRows(): string[] {
  return rows(globalFlags.map(({ flags, summary }) => [aligned(flags), summary]));
}

/** Long names under each other, also where there is no short one. */
function aligned(flags: string): string {
  return flags.startsWith("--") ? `    ${flags}` : flags;
}

function rows(cells: readonly (readonly [string, string])[]): string[] {
  return cells.length > 0 ? table([], cells).split("\n") : [];
}
