import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acquireLock, type LockOptions } from "./lock.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ordo-lock-"));
  path = join(folder, "deep", "file.lock");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const options = (changes: Partial<LockOptions> = {}): LockOptions => ({
  signal: new AbortController().signal,
  timing: { pollMs: 2, beatMs: 5, staleMs: 60_000 },
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  onWait: () => {},
  isDone: async () => false,
  ...changes,
});

const foreign = JSON.stringify({ pid: 1, host: "another-machine", token: "theirs" });

async function leaveLock(content: string): Promise<void> {
  const lock = await acquireLock(path, options());
  await lock?.release();
  await writeFile(path, content);
}

describe("a lock", () => {
  it("is held by one at a time, and by everybody in turn", async () => {
    let holders = 0;
    let most = 0;
    const turn = async (): Promise<void> => {
      const lock = await acquireLock(path, options());
      most = Math.max(most, ++holders);
      await new Promise((resolve) => setTimeout(resolve, 1));
      holders--;
      await lock!.release();
    };
    await Promise.all(Array.from({ length: 8 }, turn));
    expect(most).toBe(1);
    expect(await readdir(join(folder, "deep"))).toEqual([]);
  });

  it("is taken from a process of this machine that is gone", async () => {
    // process ids end far below this one
    await leaveLock(JSON.stringify({ pid: 2 ** 30, host: hostname(), token: "theirs" }));
    const lock = await acquireLock(path, options());
    expect(lock?.takenOver).toBe(false);
    await lock?.release();
  });

  it("is taken from a machine that gives no sign of life, which may come back", async () => {
    await leaveLock(foreign);
    const lock = await acquireLock(
      path,
      options({ timing: { pollMs: 2, beatMs: 5, staleMs: 10 } }),
    );
    expect(lock?.takenOver).toBe(true);
    expect(await lock?.isHeld()).toBe(true);
    await lock?.release();
  });

  it("stays with a machine that gives signs of life, whatever its clock says", async () => {
    await leaveLock(foreign);
    let polls = 0;
    let asked = 0;
    const lock = await acquireLock(
      path,
      options({
        // silent for longer than no time at all, if it were not for the signs
        timing: { pollMs: 0, beatMs: 5, staleMs: 0.0001 },
        wait: async () => {
          const sign = new Date(1000 * ++polls);
          await utimes(path, sign, sign);
        },
        isDone: async () => ++asked === 10,
      }),
    );
    expect(lock).toBeUndefined();
    expect(await readFile(path, "utf8")).toBe(foreign);
  });

  it("knows when it was lost, and then leaves the other's alone", async () => {
    const lock = await acquireLock(path, options());
    await writeFile(path, foreign);
    expect(await lock?.isHeld()).toBe(false);
    await lock?.release();
    expect(await readFile(path, "utf8")).toBe(foreign);
  });

  it("stops waiting when the work is done, or when the user says so", async () => {
    await leaveLock(foreign);
    let waited = 0;
    const done = acquireLock(
      path,
      options({ onWait: () => void waited++, isDone: async () => waited > 0 }),
    );
    expect(await done).toBeUndefined();
    expect(waited).toBe(1);
    const controller = new AbortController();
    const stopped = acquireLock(
      path,
      options({ signal: controller.signal, onWait: () => controller.abort(new Error("stop")) }),
    );
    await expect(stopped).rejects.toThrow("stop");
  });
});
