/**
 * How a command of `ordo` is declared. Parsing, validation, help and shell completion are all made
 * from the declaration, so a command file holds its inputs and what it does, nothing else.
 *
 * A command file is loaded whenever help is shown: import heavy modules (engine, sharp) inside `run`.
 */
import type { z } from "zod";
import type { CommandTable } from "./commands/index.ts";
import type { Terminal } from "./terminal.ts";

/** One value that a command takes. Whether it may be left out is what `schema` says of undefined. */
export interface Input<T> {
  readonly summary: string;
  /** Reads the text as typed; `true` for a flag without a value; an array where many are taken. */
  readonly schema: z.ZodType<T>;
  /** Words that shell completion offers. */
  readonly suggest?: () => readonly string[];
}

export interface Argument<T> extends Input<T> {
  /** Takes all remaining words. */
  readonly many?: boolean;
}

export interface Option<T> extends Input<T> {
  /** As commander writes them: `-s, --seed <number>`. */
  readonly flags: string;
  /** Further long names, as other tools call the same thing: `--cfg`. */
  readonly aliases?: readonly string[];
  /** Environment variable that is read when the flag is absent. */
  readonly env?: string;
}

/** What surrounds a running command. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C: finish the step, save, and return or throw `signal.reason`. */
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly commands: CommandTable;
  /** What `-` stands for. */
  readonly stdin: () => AsyncIterable<Uint8Array | string>;
}

/** What a command leaves on stdout: `data` under `--json`, `text` otherwise. */
export interface CommandResult {
  readonly data: object;
  readonly text: string;
  /** 1 where the command ran well but its answer is no (`parity` outside tolerance). */
  readonly exitCode?: 0 | 1;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Whole command lines; help shows them first. */
  readonly examples: readonly string[];
  readonly arguments: Readonly<Record<string, Argument<unknown>>>;
  readonly options: Readonly<Record<string, Option<unknown>>>;
  run(context: CommandContext, values: Readonly<Record<string, unknown>>): Promise<CommandResult>;
}

type Values<Inputs> = {
  readonly [K in keyof Inputs]: Inputs[K] extends Input<infer T> ? T : never;
};

/** Declares a command; `run` receives the values of its arguments and options by their keys. */
export function defineCommand<
  const A extends Command["arguments"],
  const O extends Command["options"],
>(
  declaration: Omit<Command, "arguments" | "options" | "run"> & {
    readonly arguments: A;
    readonly options: O;
    run(context: CommandContext, values: Values<A> & Values<O>): Promise<CommandResult>;
  },
): Command {
  // the values that reach `run` come from these very schemas (inputs.ts)
  return declaration as unknown as Command;
}

/** Whether the command can do without this input. */
export function isOptional(input: Input<unknown>): boolean {
  return input.schema.safeParse(undefined).success;
}
