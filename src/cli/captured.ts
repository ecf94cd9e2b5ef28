/** The program run inside this process, its output kept: for tests of commands. */
import { EventEmitter } from "node:events";
import { Readable, Writable } from "node:stream";
import type { CommandTable } from "./commands/index.ts";
import { main } from "./main.ts";

export interface CaptureOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly commands?: CommandTable;
  readonly stdin?: string;
  readonly signals?: EventEmitter;
  readonly exit?: (code: number) => void;
}

export interface Captured {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `ordo` with these words; no terminal, no colours, an empty environment unless given. */
export async function runCaptured(
  argv: readonly string[],
  { env = {}, stdin = "", signals = new EventEmitter(), ...rest }: CaptureOptions = {},
): Promise<Captured> {
  const stdout = new TextSink();
  const stderr = new TextSink();
  const code = await main({
    argv,
    stdout,
    stderr,
    env,
    stdin: () => Readable.from([stdin]),
    signals,
    ...rest,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** A stream that keeps what is written. */
export class TextSink extends Writable {
  text = "";
  isTTY = false;
  columns = 80;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
