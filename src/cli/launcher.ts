/**
 * Starts Node a second time with huge pages for large allocations, for commands that train: a step takes
 * up to a tenth less. Those that draw do without: what is used once is had sooner in small pages, by a
 * second of eleven for a large model (decision 28). glibc reads this setting only at start.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";

const setting = "GLIBC_TUNABLES";

export interface Launch {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly argv: readonly string[];
}

/** Commands that train, or measure training. */
const trains = /^(train|bench|reproduce)$/;

/** Not twice, not where glibc is absent, and not for texts that come without the engine. */
export function needsRelaunch({ platform, env, argv }: Launch): boolean {
  const asked = argv.some((word) => ["-h", "--help"].includes(word));
  return platform === "linux" && env[setting] === undefined && trains.test(argv[0] ?? "") && !asked;
}

/** The exit code of a child that ended by itself or by a signal (128 + its number). */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? (signal ? 128 + constants.signals[signal] : 1);
}

/** The second Ctrl-C ends a child that is deep in native code, after this time to end by itself. */
const graceMs = 500;

/** Runs this very command line again, with the setting; resolves to its exit code. */
export function relaunch(): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    // the channel tells the child when this process is gone, so that kill -9 ends both
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, [setting]: "glibc.malloc.hugetlb=1" },
  });
  child.channel?.unref();
  const asked = passSignalsOn(child);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(exitCodeOf(code, asked() ?? signal)));
  });
}

/** @returns which signal has been passed on, if any: what a child killed for it died of. */
function passSignalsOn(child: ChildProcess): () => NodeJS.Signals | undefined {
  let first: NodeJS.Signals | undefined;
  const pass = (signal: NodeJS.Signals): void => {
    child.kill(signal);
    if (first) setTimeout(() => child.kill("SIGKILL"), graceMs).unref();
    first ??= signal;
  };
  process.on("SIGINT", pass).on("SIGTERM", pass);
  return () => first;
}

/** In the child: ends with the process that launched it, and keeps the setting from those it starts. */
export function endWithLauncher(): void {
  if (!process.channel) return;
  delete process.env[setting];
  process.once("disconnect", () => process.exit(1));
  process.channel.unref();
}
