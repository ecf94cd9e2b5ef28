/**
 * The same work in PyTorch, in turns with ours, where Debian's python3-torch or another one is
 * there. It only measures: nothing of Ordo needs it.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { DeviceError } from "../errors.ts";

export interface Peer {
  /** What runs: `torch 1.13.1, 2 threads, 13788160 parameters`. */
  readonly name: string;
  /** Does the work once. */
  run(): Promise<void>;
  close(): Promise<void>;
}

/** Scripts of a repository's `bench/peers`; an installed package has none. */
const folder = new URL("../../bench/peers/", import.meta.url);

/** The user's own Python, then the system's, for which Debian packages PyTorch. */
const pythons = ["python3", "/usr/bin/python3"];

/** Starts a script with the first of `programs` that can, or gives null. */
export async function openPeer(
  script: string,
  programs: readonly string[] = pythons,
): Promise<Peer | null> {
  const path = fileURLToPath(new URL(script, folder));
  if (!existsSync(path)) return null;
  for (const program of programs) {
    const peer = await start(script, path, program);
    if (peer) return peer;
  }
  return null;
}

async function start(script: string, path: string, program: string): Promise<Peer | null> {
  const child = spawn(program, [path], { stdio: ["pipe", "pipe", "ignore"] });
  // without Python; the lines below then end at once
  child.on("error", () => undefined);
  // the answer of one that has ended is looked at below
  child.stdin.on("error", () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) return null;
  return {
    name: first.value,
    run: async () => {
      child.stdin.write("\n");
      const { done } = await lines.next();
      if (done) throw new DeviceError({ where: script, expected: "a step", got: "its end" });
    },
    close: async () => {
      child.stdin.end();
      if (child.exitCode === null) await new Promise((resolve) => child.once("close", resolve));
    },
  };
}
