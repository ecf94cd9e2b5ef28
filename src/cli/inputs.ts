/** From the words on the command line to the values that a command declared. */
import { CommanderError, Command as Parser, Option as ParserOption } from "commander";
import type { Command, Input } from "./command.ts";
import { globalNames } from "./globals.ts";
import { UsageError, unknownWord } from "./usage-error.ts";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The values of all arguments and options of `command`, each by its key.
 *
 * @throws UsageError with every value that does not fit, or with the first word that has no place.
 */
export function readInputs(
  command: Command,
  words: readonly string[],
  env: Env = {},
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const { key, name, input, value } of parse(command, words, env)) {
    const result = input.schema.safeParse(value);
    if (result.success) values[key] = result.data;
    else problems.push(problem(name, result.error.issues[0]?.message ?? "is not valid", value));
  }
  if (problems.length > 0) throw new UsageError(problems, helpFor(command));
  return values;
}

/** The long name of an option: `--seed`. */
export function longName(flags: string): string {
  return new ParserOption(flags).long ?? flags;
}

interface Given {
  readonly key: string;
  /** What the user calls it: `--seed`, `prompt`, `ORDO_DEVICE`. */
  readonly name: string;
  readonly input: Input<unknown>;
  readonly value: unknown;
}

function parse(command: Command, words: readonly string[], env: Env): Given[] {
  const parser = new Parser(command.name).exitOverride().helpOption(false);
  parser.showSuggestionAfterError(false).configureOutput({ writeErr: () => {} });
  const args = Object.entries(command.arguments);
  const options = Object.entries(command.options);
  // the schema says what may be missing, so that missing and wrong values are reported together
  for (const [key, { many }] of args) parser.argument(many ? `[${key}...]` : `[${key}]`);
  for (const [, { flags }] of options) parser.option(flags);
  try {
    parser.parse(withoutAliases(command, words), { from: "user" });
  } catch (error) {
    const excess = parser.args.slice(args.length);
    throw error instanceof CommanderError ? usageError(command, error, excess) : error;
  }
  const typed = parser.opts<Record<string, unknown>>();
  return [
    ...args.map(([key, input], i): Given => {
      const value: unknown = parser.processedArgs[i];
      const absent = Array.isArray(value) && value.length === 0;
      return { key, name: key, input, value: absent ? undefined : value };
    }),
    ...options.map(([key, input]): Given => {
      const value = typed[new ParserOption(input.flags).attributeName()];
      const fromEnv = input.env && value === undefined ? env[input.env] || undefined : undefined;
      const name = input.env && fromEnv ? input.env : longName(input.flags);
      return { key, name, input, value: value ?? fromEnv };
    }),
  ];
}

/** `--cfg 3` and `--cfg=3` become `--guidance 3`. */
function withoutAliases(command: Command, words: readonly string[]): string[] {
  const names = new Map(
    Object.values(command.options).flatMap(({ flags, aliases = [] }) =>
      aliases.map((alias) => [alias, longName(flags)] as const),
    ),
  );
  const end = words.indexOf("--");
  return words.map((word, i) => {
    const [flag = "", ...value] = word.split("=");
    const name = end >= 0 && i > end ? undefined : names.get(flag);
    return name ? [name, ...value].join("=") : word;
  });
}

/** The parser's complaint in Ordo's words. */
function usageError(
  command: Command,
  { code, message }: CommanderError,
  rest: readonly string[],
): UsageError {
  const hint = helpFor(command);
  if (code === "commander.unknownOption") {
    const word = /'([^']*)'/.exec(message)?.[1] ?? "";
    const own = Object.values(command.options).flatMap((option) => [
      longName(option.flags),
      ...(option.aliases ?? []),
    ]);
    return unknownWord("option", word, [...own, ...globalNames], hint);
  }
  if (code === "commander.excessArguments") {
    const excess = JSON.stringify(rest.join(" "));
    return new UsageError(
      [`${command.name}: there is no place for ${excess}`],
      "Put quotes around words that belong together.",
    );
  }
  const flag = /option '([^']*)' argument missing/.exec(message)?.[1];
  const words = flag ? `${longName(flag)}: expected a value, got nothing` : message;
  return new UsageError([words.replace(/^error: /, "")], hint);
}

function helpFor(command: Command): string {
  return `ordo ${command.name} --help`;
}

function problem(name: string, message: string, value: unknown): string {
  return `${name}: ${message}, got ${value === undefined ? "nothing" : JSON.stringify(value)}`;
}
