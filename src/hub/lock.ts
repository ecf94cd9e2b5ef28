/**
 * One process at a time may write a file. The lock is a file that names its holder; a holder on
 * this machine that is gone, or one elsewhere that gives no sign of life, loses it.
 */

import { randomBytes } from "node:crypto";
import { mkdir, readFile, rmdir, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";

export interface LockTiming {
  /** How often a waiting process looks again. */
  readonly pollMs: number;
  /** How often the holder gives a sign of life. */
  readonly beatMs: number;
  /** Silence after which a holder counts as gone, by the clock of who waits. */
  readonly staleMs: number;
}

export const LOCK_TIMING: LockTiming = { pollMs: 250, beatMs: 5_000, staleMs: 60_000 };

export interface Lock {
  /** True if a silent holder lost it, who may yet come back and write. */
  readonly takenOver: boolean;
  /** Whether this process still holds it. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

export interface LockOptions {
  readonly signal: AbortSignal;
  readonly timing?: LockTiming;
  wait(ms: number): Promise<void>;
  /** Called once, when somebody else holds it. */
  onWait(): void;
  /** Ends the waiting: what the lock is for has been done by the holder. */
  isDone(): Promise<boolean>;
}

/** Waits for the lock; undefined if meanwhile there is nothing left to do. */
export async function acquireLock(path: string, options: LockOptions): Promise<Lock | undefined> {
  const { signal, timing = LOCK_TIMING, wait, onWait, isDone } = options;
  const token = randomBytes(12).toString("hex");
  const content = JSON.stringify({ pid: process.pid, host: hostname(), token });
  await mkdir(dirname(path), { recursive: true });
  const watch = silenceWatch();
  let takenOver = false;
  for (let round = 0; ; round++) {
    signal.throwIfAborted();
    if (await create(path, content)) return held(path, content, takenOver, timing);
    if (await isDone()) return undefined;
    if (round === 0) onWait();
    const holder = await readHolder(path);
    if (holder !== undefined) {
      const gone = isGone(holder.text);
      if (gone || watch(holder) > timing.staleMs) {
        const removed = await removeStale(path, holder.text);
        takenOver ||= removed && !gone;
        if (removed) continue;
      }
    }
    await wait(timing.pollMs);
  }
}

async function create(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function held(path: string, content: string, takenOver: boolean, timing: LockTiming): Lock {
  const isHeld = async (): Promise<boolean> =>
    (await readFile(path, "utf8").catch(() => "")) === content;
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, timing.beatMs);
  beat.unref();
  return {
    takenOver,
    isHeld,
    release: async () => {
      clearInterval(beat);
      if (await isHeld()) await unlink(path).catch(() => {});
    },
  };
}

interface Holder {
  readonly text: string;
  /** Changes with every sign of life. */
  readonly beat: number;
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const { mtimeMs } = await stat(path);
    return { text: await readFile(path, "utf8"), beat: mtimeMs };
  } catch {
    return undefined;
  }
}

/** Milliseconds since the holder last changed or gave a sign, on this process's own clock. */
function silenceWatch(): (holder: Holder) => number {
  let last: (Holder & { readonly since: number }) | undefined;
  return (holder) => {
    const now = performance.now();
    if (last?.text !== holder.text || last.beat !== holder.beat) last = { ...holder, since: now };
    return now - last.since;
  };
}

/** Only of this machine can be known that a process ended. */
function isGone(text: string): boolean {
  const match = /"pid":(\d+),"host":("(?:[^"\\]|\\.)*")/.exec(text);
  if (!match || match[2] !== JSON.stringify(hostname())) return false;
  try {
    process.kill(Number(match[1]), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** Removes the lock of a holder that is gone, unless another waiting process already did. */
async function removeStale(path: string, text: string): Promise<boolean> {
  // two may find the same holder gone: without this the later one would remove the other's new lock
  const guard = `${path}.removing`;
  try {
    await mkdir(guard);
  } catch {
    // left by a process that ended right here, if it is still there at the next rounds
    const found = await stat(guard).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > 10_000) await rmdir(guard).catch(() => {});
    return false;
  }
  try {
    if ((await readFile(path, "utf8").catch(() => undefined)) !== text) return false;
    await unlink(path);
    return true;
  } finally {
    await rmdir(guard).catch(() => {});
  }
}
