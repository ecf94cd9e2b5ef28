import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { withFolder } from "../../test/data/fixtures.ts";
import { tinyRun, tinyTask } from "../../test/training/tiny-run.ts";
import { readSafetensors } from "../checkpoints/safetensors.ts";
import { openDevice } from "../runtime/device.ts";
import { runTraining } from "./loop.ts";
import { newestCheckpoint } from "./run-checkpoint.ts";

const device = await openDevice("cpu", { threads: 1 });

/** Starts a run in a process of its own and kills it at once when it has no more to do. */
async function runAndKill(folder: string): Promise<void> {
  const script = fileURLToPath(new URL("../../test/training/doomed-run.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, folder], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (text: Buffer) => {
    errors += text.toString();
  });
  const closed = once(child, "close");
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "waiting") child.kill("SIGKILL");
  }
  const [, signal] = await closed;
  expect(signal, errors).toBe("SIGKILL");
}

/** Trains up to step 20. */
async function trainTo20(folder: string, resume: boolean): Promise<void> {
  const stop = new AbortController();
  const onStep = ({ step }: { step: number }) => {
    if (step === 20) stop.abort();
  };
  const { step } = await runTraining(
    tinyRun(device, folder, { resume, onStep, signal: stop.signal }),
  );
  expect(step).toBe(20);
}

async function logOf(folder: string) {
  const text = await readFile(join(folder, "log.jsonl"), "utf8");
  const lines = text.trim().split("\n");
  // how long a step took is the one thing that may differ
  return lines.map((line) => ({ ...(JSON.parse(line) as { step: number }), seconds: 0 }));
}

test("20 steps straight are 10, kill -9 and 10 more, byte for byte", async () => {
  await withFolder(async (root) => {
    const [straight, killed] = [join(root, "straight"), join(root, "killed")];
    await trainTo20(straight, false);
    await runAndKill(killed);
    expect(await newestCheckpoint(killed)).toBe(join(killed, "checkpoint-10.safetensors"));
    expect((await logOf(killed)).at(-1)!.step).toBe(13);

    await trainTo20(killed, true);
    const name = "checkpoint-20.safetensors";
    const a = await readSafetensors(join(straight, name));
    const b = await readSafetensors(join(killed, name));
    // parameters, two moments and averages, and the task's count of hits
    expect(a.size).toBe(4 * tinyTask().graph.scope.specs.size + 1);
    expect([...b.keys()]).toEqual([...a.keys()]);
    const bytes = (data: ArrayBufferView) =>
      Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    for (const [path, { data }] of a) {
      expect(bytes(b.get(path)!.data).equals(bytes(data)), path).toBe(true);
    }
    // the three steps that were lost are in the log once, as the second run made them
    expect(await logOf(killed)).toEqual(await logOf(straight));
  });
});
