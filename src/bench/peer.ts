/**
 * The same work in PyTorch, in turns with ours, where Debian's python3-torch or another one is
 * there. It only measures: nothing of Ordo needs it.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { DeviceError } from "../errors.ts";
import type { Device } from "../runtime/device.ts";
import type { Timing } from "./measure.ts";

/** A script of `bench/peers`, and what it is told besides the device. */
export interface PeerScript {
  readonly script: string;
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface PeerReport {
  readonly name: string;
  readonly run: Timing;
  /** Its best time over ours. */
  readonly speed: number;
}

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

/**
 * Starts a script with the first of `programs` that can, or gives null. It computes on a GPU where ours
 * does, if PyTorch has one.
 */
export async function openPeer(
  { name, precision }: Pick<Device, "name" | "precision">,
  { script, settings }: PeerScript,
  programs: readonly string[] = pythons,
): Promise<Peer | null> {
  const path = fileURLToPath(new URL(script, folder));
  if (!existsSync(path)) return null;
  const told = JSON.stringify({ device: name, precision, ...settings });
  for (const program of programs) {
    const peer = await start(program, [path, told]);
    if (peer) return peer;
  }
  return null;
}

/** Opens a peer, or none, and closes it whatever happens. */
export async function withPeer<R>(
  opening: Promise<Peer | null>,
  use: (peer: Peer | null) => Promise<R>,
): Promise<R> {
  const peer = await opening;
  return use(peer).finally(() => peer?.close());
}

/** For `interleave`: the peer's runs, if it is there. */
export function peerRuns(peer: Peer | null): Record<string, () => Promise<void>> {
  return peer ? { [PEER]: () => peer.run() } : {};
}

const PEER = "peer";

/** @param best of our own runs, in the unit of the timings. */
export function peerReport(
  peer: Peer | null,
  timings: Readonly<Record<string, Timing>>,
  best: number,
): { readonly peer?: PeerReport } {
  const run = timings[PEER];
  return peer && run ? { peer: { name: peer.name, run, speed: run.best / best } } : {};
}

async function start(program: string, words: readonly [string, string]): Promise<Peer | null> {
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "ignore"] });
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
      if (!done) return;
      throw new DeviceError({ where: basename(words[0]), expected: "a step", got: "its end" });
    },
    close: async () => {
      child.stdin.end();
      if (child.exitCode === null) await new Promise((resolve) => child.once("close", resolve));
    },
  };
}
