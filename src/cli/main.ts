/** The program `ordo`, as a function of its words and streams. */
import { EventEmitter } from "node:events";
import { Readable } from "node:stream";
import type { Command, CommandResult } from "./command.ts";
import { commands as allCommands, type CommandTable } from "./commands/index.ts";
import { packageVersion } from "./folders.ts";
import { type Globals, globalNames, takeGlobals } from "./globals.ts";
import { commandHelp, programHelp } from "./help.ts";
import { readInputs } from "./inputs.ts";
import { type Interrupts, watchInterrupts } from "./interrupts.ts";
import { report } from "./report.ts";
import { createTerminal, type OutputStream, type Terminal } from "./terminal.ts";
import { unknownWord } from "./usage-error.ts";

export interface MainOptions {
  /** The words after the program's name. */
  readonly argv: readonly string[];
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where SIGINT and SIGTERM come from: the process; nowhere if absent. */
  readonly signals?: Pick<EventEmitter, "on" | "off">;
  /** Ends the process on a second Ctrl-C. */
  readonly exit?: (code: number) => void;
  readonly commands?: CommandTable;
  /** Opened only by a command that reads it; empty if absent. */
  readonly stdin?: () => AsyncIterable<Uint8Array | string>;
}

/**
 * Runs one command line.
 *
 * @returns the exit code: 0, 1 (failed), 2 (bad arguments), 130 (Ctrl-C) or 143 (SIGTERM).
 */
export async function main(options: MainOptions): Promise<number> {
  const { argv, stdout, stderr, env, commands = allCommands } = options;
  const { globals, rest } = takeGlobals(argv);
  const terminal = createTerminal({ stdout, stderr, env, ...globals });
  const print = ({ data, text }: CommandResult): void => {
    const words = globals.json ? JSON.stringify(data, null, 2) : text;
    if (words) stdout.write(words.endsWith("\n") ? words : `${words}\n`);
  };
  const interrupts = watchInterrupts({
    signals: options.signals ?? new EventEmitter(),
    onFirst: () => terminal.note("stopping after this step; Ctrl-C again stops at once"),
    onSecond: (code) => options.exit?.(code),
  });
  try {
    const stdin = options.stdin ?? (() => Readable.from([]));
    const result = await run({ rest, globals, terminal, env, commands, interrupts, stdin });
    print(result);
    return interrupts.exitCode() ?? result.exitCode ?? 0;
  } catch (error) {
    const stopped = interrupts.exitCode();
    if (stopped !== undefined && isCancellation(error)) {
      terminal.note("stopped");
      if (globals.json)
        print({ data: { error: { code: "cancelled", message: "stopped" } }, text: "" });
      return stopped;
    }
    const { lines, exitCode, data } = report(error, globals);
    terminal.error(lines);
    if (globals.json) print({ data: { error: data }, text: "" });
    return exitCode;
  } finally {
    terminal.close();
    interrupts.stop();
  }
}

interface Run {
  readonly rest: readonly string[];
  readonly globals: Globals;
  readonly terminal: Terminal;
  readonly env: MainOptions["env"];
  readonly commands: CommandTable;
  readonly interrupts: Interrupts;
  readonly stdin: NonNullable<MainOptions["stdin"]>;
}

async function run({
  rest,
  globals,
  terminal,
  env,
  commands,
  interrupts,
  stdin,
}: Run): Promise<CommandResult> {
  const [first, ...words] = rest[0] === "help" ? rest.slice(1) : rest;
  const help = globals.help || rest[0] === "help";
  if (globals.version) {
    const version = packageVersion();
    return { data: { version }, text: version };
  }
  if (first === undefined) {
    const all = await Promise.all(Object.values(commands).map((load) => load()));
    return helpResult(programHelp(all, terminal.colors));
  }
  const command = await find(first, commands);
  if (help) return helpResult(commandHelp(command, terminal.colors));
  const values = readInputs(command, words, env);
  return command.run({ terminal, signal: interrupts.signal, env, commands, stdin }, values);
}

/** @throws UsageError if there is no such command. */
async function find(word: string, commands: CommandTable): Promise<Command> {
  const load = Object.hasOwn(commands, word) ? commands[word] : undefined;
  if (load) return load();
  if (word.startsWith("-")) throw unknownWord("option", word, globalNames, "ordo --help");
  throw unknownWord("command", word, Object.keys(commands), "ordo --help");
}

function helpResult(text: string): CommandResult {
  return { data: { help: text }, text };
}

function isCancellation(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === "AbortError" || ("code" in error && error.code === "cancelled");
}
