import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withFolder } from "../../test/data/fixtures.ts";
import { failingDevice } from "../../test/training/failing-device.ts";
import { meanPictureTask } from "../../test/training/mean-picture.ts";
import { batchesFrom, batchShape, tinyPlan, tinyRun } from "../../test/training/tiny-run.ts";
import { openSafetensors, readSafetensors, writeSafetensors } from "../checkpoints/safetensors.ts";
import type { Batch } from "../data/batches.ts";
import { CheckpointError, TrainingError } from "../errors.ts";
import { openDevice } from "../runtime/device.ts";
import { type RunOptions, runTraining } from "./loop.ts";

const device = await openDevice("cpu", { threads: 1 });
const plan = { ...tinyPlan, accumulation: 1 };

const run = (folder: string, changes: Partial<RunOptions>) =>
  runTraining(
    tinyRun(device, folder, {
      task: meanPictureTask(batchShape),
      plan,
      recipe: JSON.stringify(plan),
      ...changes,
    }),
  );

/** Runs until a number of steps is done, as Ctrl-C would end it. */
function runUntil(folder: string, last: number, changes: Partial<RunOptions> = {}) {
  const stop = new AbortController();
  return run(folder, {
    ...changes,
    signal: stop.signal,
    onStep: ({ step }) => {
      if (step === last) stop.abort();
    },
  });
}

const stepsLogged = async (folder: string): Promise<number[]> => {
  const text = await readFile(join(folder, "log.jsonl"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { step: number }).step);
};

async function* spoiledAt(bad: number, first: number): AsyncGenerator<Batch> {
  for await (const batch of batchesFrom(first)) {
    yield batch.step === bad ? { ...batch, pixels: batch.pixels.map(() => Number.NaN) } : batch;
  }
}

describe("a run", () => {
  test.each([
    ["is lost", "WebGPU device lost (2): VK_ERROR_DEVICE_LOST", "The device was lost with all"],
    ["runs out of memory", "vkAllocateMemory: VK_ERROR_OUT_OF_DEVICE_MEMORY", "The device ran out"],
  ])("whose device %s names the last checkpoint, which is intact", async (_, words, hint) => {
    await withFolder(async (folder) => {
      await runUntil(folder, 3);
      const wanted = await withFolder(async (other) => {
        await runUntil(other, 6);
        return readFile(join(other, "checkpoint-6.safetensors"));
      });
      // three functions a step: the failure falls into the second step's update
      const failing = failingDevice(device, 5, words);
      const failed = run(folder, { device: failing, resume: true });
      await expect(failed).rejects.toMatchObject({
        code: "device",
        message: expect.stringMatching(
          new RegExp(
            `^step 5, cpu while running mean-picture-optimizer: .+${hint}.+ ` +
              "The last good checkpoint is .*checkpoint-3\\.safetensors; --resume goes on from it",
          ),
        ),
      });
      expect(await readdir(folder)).toContain("checkpoint-3.safetensors");
      await runUntil(folder, 6, { resume: true });
      const found = await readFile(join(folder, "checkpoint-6.safetensors"));
      // what differs is the time that the header tells
      expect(found.subarray(-64)).toEqual(wanted.subarray(-64));
    });
  });

  test("that is stopped keeps a checkpoint, and goes on from it", async () => {
    await withFolder(async (folder) => {
      expect(await runUntil(folder, 3)).toMatchObject({ step: 3, finished: false });
      expect(await readdir(folder)).toEqual(["checkpoint-3.safetensors", "log.jsonl"]);
      const seen: number[] = [];
      const resumed = await runUntil(folder, 5, {
        resume: true,
        batches: (first) => {
          seen.push(first);
          return batchesFrom(first);
        },
      });
      expect(seen).toEqual([3]);
      expect(resumed.step).toBe(5);
      expect(await stepsLogged(folder)).toEqual([1, 2, 3, 4, 5]);
    });
  });

  test("whose log got ahead of its checkpoint, or was cut in a line, repeats those steps", async () => {
    await withFolder(async (folder) => {
      await runUntil(folder, 3);
      const log = join(folder, "log.jsonl");
      const before = await readFile(log, "utf8");
      await writeFile(log, `${before}{"step":4,"loss":9}\n{"step":5,"lo`);
      // and what a crash in the middle of a checkpoint leaves is no checkpoint
      await writeFile(join(folder, "checkpoint-5.safetensors.1-ab.partial"), "half");
      await runUntil(folder, 4, { resume: true });
      expect(await stepsLogged(folder)).toEqual([1, 2, 3, 4]);
      expect((await readFile(log, "utf8")).startsWith(before)).toBe(true);
    });
  });

  test("in float16 goes on with the loss scale that it had", async () => {
    const narrow = { ...device, precision: "fp16" } as const;
    await withFolder(async (folder) => {
      await runUntil(folder, 3, { device: narrow });
      const { metadata, close } = await openSafetensors(join(folder, "checkpoint-3.safetensors"));
      await close();
      const scale = { factor: 2 ** 16, good: 3, skipped: 0 };
      expect(JSON.parse(metadata.get("lossScales")!)).toEqual([scale]);
      await runUntil(folder, 5, { device: narrow, resume: true });
      const lines = (await readFile(join(folder, "log.jsonl"), "utf8")).trim().split("\n");
      const scales = lines.map((line) => JSON.parse(line).lossScale);
      expect(scales.filter((one) => one !== undefined)).toEqual(Array(5).fill(2 ** 16));
      const later = await openSafetensors(join(folder, "checkpoint-5.safetensors"));
      await later.close();
      expect(JSON.parse(later.metadata.get("lossScales")!)).toEqual([{ ...scale, good: 5 }]);
    });
  });

  test("is not resumed from a checkpoint that does not tell where it stands", async () => {
    await withFolder(async (folder) => {
      await runUntil(folder, 1);
      const file = join(folder, "checkpoint-1.safetensors");
      const { metadata, close } = await openSafetensors(file);
      await close();
      const tensors = await readSafetensors(file);
      const resumedWith = async (changes: Record<string, string>) => {
        await writeSafetensors(file, tensors, { ...Object.fromEntries(metadata), ...changes });
        return runUntil(folder, 2, { resume: true });
      };
      await expect(resumedWith({ step: "soon" })).rejects.toThrow(CheckpointError);
      await expect(resumedWith({ step: "-1" })).rejects.toThrow(/checkpoint-1.*step/);
      await expect(resumedWith({ lossScales: '[{"factor":0}]' })).rejects.toThrow(/lossScales/);
      expect((await resumedWith({})).step).toBe(2);
    });
  });

  test("keeps the two newest checkpoints", async () => {
    await withFolder(async (folder) => {
      await runUntil(folder, 4, { checkpointSeconds: 0 });
      const files = (await readdir(folder)).filter((file) => file.startsWith("checkpoint"));
      expect(files).toEqual(["checkpoint-3.safetensors", "checkpoint-4.safetensors"]);
    });
  });

  test("is not resumed with other settings, which are named", async () => {
    await withFolder(async (folder) => {
      await runUntil(folder, 1);
      const other = JSON.stringify({ ...plan, learningRate: 1 });
      const resumed = runUntil(folder, 2, { resume: true, recipe: other });
      await expect(resumed).rejects.toThrow(CheckpointError);
      await expect(resumed).rejects.toThrow(/learningRate 0.003 instead of 1/);
      const changes = ["learningRate"];
      const allowed = await runUntil(folder, 2, { resume: true, recipe: other, changes });
      expect(allowed.step).toBe(2);
    });
  });

  test("logs what the task reports, the norm and the rate of every step", async () => {
    await withFolder(async (folder) => {
      await runUntil(folder, 2);
      const [line] = (await readFile(join(folder, "log.jsonl"), "utf8")).split("\n");
      const { learningRate, ...rest } = JSON.parse(line!) as Record<string, number>;
      expect(learningRate).toBeCloseTo(3e-4, 10);
      expect(Object.keys(rest)).toEqual(["step", "loss", "l2", "gradientNorm", "seconds"]);
    });
  });
});

describe("a loss that is not a number ends the run", () => {
  test("with the step and the last good checkpoint, which goes on without it", async () => {
    await withFolder(async (folder) => {
      await runUntil(folder, 2);
      const good = join(folder, "checkpoint-2.safetensors");
      const before = await readFile(good);
      const bad = run(folder, { resume: true, batches: (first) => spoiledAt(4, first) });
      await expect(bad).rejects.toThrow(TrainingError);
      await expect(bad).rejects.toThrow(
        `step 5: expected a finite loss and gradient norm, got loss NaN, gradient norm NaN. ` +
          `The last good checkpoint is ${good}; try a lower learning rate with --resume.`,
      );
      expect((await readFile(good)).equals(before)).toBe(true);
      expect(await stepsLogged(folder)).toEqual([1, 2, 3, 4]);
      expect((await runUntil(folder, 5, { resume: true })).step).toBe(5);
    });
  });

  test("and says so if there is no checkpoint yet", async () => {
    await withFolder(async (folder) => {
      const bad = run(folder, { batches: (first) => spoiledAt(0, first) });
      await expect(bad).rejects.toThrow(/^step 1: .* There is no checkpoint yet/);
    });
  });
});

test("what a task measures is logged with every preview, and told with the model", async () => {
  await withFolder(async (folder) => {
    const short = { ...plan, steps: 4, previewEvery: 2 };
    const told: Readonly<Record<string, number>>[] = [];
    let measured = 0;
    const task = {
      ...meanPictureTask(batchShape, async (_path, _parameters, { numbers }) => {
        told.push(numbers);
      }),
      measure: async () => ({ testAccuracy: ++measured / 10 }),
    };
    const { numbers } = await run(folder, { plan: short, task });
    const lines = (await readFile(join(folder, "log.jsonl"), "utf8")).trim().split("\n");
    expect(lines.filter((line) => line.includes("testAccuracy"))).toEqual([
      '{"step":2,"testAccuracy":0.1}',
      '{"step":4,"testAccuracy":0.2}',
    ]);
    expect(lines.length).toBe(6);
    expect(numbers.testAccuracy).toBe(0.2);
    expect(numbers.loss).toBeGreaterThan(0);
    expect(told).toEqual([numbers]);
  });
});

test("a finished run has its model, its last preview and its plot", async () => {
  await withFolder(async (folder) => {
    const short = { ...plan, steps: 4, previewEvery: 2 };
    const saved: string[] = [];
    const task = meanPictureTask(batchShape, async (path, parameters, facts) => {
      saved.push(path);
      expect([...parameters.keys()]).toEqual(["picture"]);
      expect(facts).toMatchObject({ steps: 4, hardware: "test" });
      expect(facts.averaged).toBeGreaterThan(0);
    });
    const result = await run(folder, { plan: short, task });
    expect(result).toMatchObject({ step: 4, finished: true });
    expect(saved).toEqual([join(folder, "model")]);
    expect((await readdir(folder)).sort()).toEqual([
      "checkpoint-4.safetensors",
      "log.jsonl",
      "loss.png",
      "loss.svg",
      "preview-2.png",
      "preview-4.png",
    ]);
  });
});
