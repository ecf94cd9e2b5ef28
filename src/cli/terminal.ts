/**
 * What the program says. Data goes to stdout once, at the end, by main.ts; everything else (notes,
 * warnings, progress, errors) goes to stderr through this object.
 */
import picocolors from "picocolors";
import { type Progress, type ProgressOptions, progressBar, progressLines } from "./progress.ts";

export type Colors = ReturnType<typeof picocolors.createColors>;

export type OutputStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
};

export interface Terminal {
  /** For text that goes to stdout. */
  readonly colors: Colors;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** A line for people; not shown under `--quiet`. */
  note(line: string): void;
  /** A line shown only under `--verbose`. */
  detail(line: string): void;
  warn(line: string): void;
  /** An error: the first line is marked, the others are indented. */
  error(lines: readonly string[]): void;
  /** Progress of one task at a time: a bar, or a line now and then where stderr is no terminal. */
  progress(options: ProgressOptions): Progress;
  /** Ends a bar that is still drawn. */
  close(): void;
}

export interface TerminalOptions {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color?: boolean;
}

export function createTerminal({
  stdout,
  stderr,
  env,
  quiet = false,
  verbose = false,
  color = true,
}: TerminalOptions): Terminal {
  const marks = picocolors.createColors(wantsColor(stderr, env, color));
  let bar: Progress | undefined;
  const line = (text: string): void => {
    // a bar rests on the current line; it redraws itself below at its next update
    stderr.write(bar ? `\r\u001b[K${text}\n` : `${text}\n`);
  };
  return {
    colors: picocolors.createColors(wantsColor(stdout, env, color)),
    quiet,
    verbose,
    note: (text) => {
      if (!quiet) line(text);
    },
    detail: (text) => {
      if (verbose) line(marks.dim(text));
    },
    warn: (text) => line(`${marks.yellow("warning:")} ${text}`),
    error: ([first = "", ...more]) => {
      bar?.stop();
      line(`${marks.red("error:")} ${first}`);
      for (const text of more) line(`  ${text}`);
    },
    progress: (options) => {
      bar?.stop();
      bar = undefined;
      if (quiet) return { update: () => {}, stop: () => {} };
      if (!stderr.isTTY || env.TERM === "dumb") return progressLines(options, line);
      const drawn = progressBar(options, stderr);
      const current: Progress = {
        update: drawn.update,
        stop: () => {
          drawn.stop();
          if (bar === current) bar = undefined;
        },
      };
      bar = current;
      return current;
    },
    close: () => bar?.stop(),
  };
}

/** `--no-color`, then NO_COLOR, FORCE_COLOR and TERM=dumb, then whether it is a terminal. */
export function wantsColor(
  stream: OutputStream,
  env: Readonly<Record<string, string | undefined>>,
  flag = true,
): boolean {
  if (!flag || env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== "0";
  return env.TERM !== "dumb" && stream.isTTY === true;
}
