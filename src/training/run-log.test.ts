import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withFolder } from "../../test/data/fixtures.ts";
import { RunLog } from "./run-log.ts";

test("a log keeps one line per step, in order", async () => {
  await withFolder(async (folder) => {
    const log = await RunLog.open(folder, 0);
    await log.write({ step: 1, loss: 2.5 });
    await log.write({ step: 2, loss: 2 });
    expect(await readFile(join(folder, "log.jsonl"), "utf8")).toBe(
      '{"step":1,"loss":2.5}\n{"step":2,"loss":2}\n',
    );
  });
});

test("opened after a step, it forgets later ones and a line that a crash cut", async () => {
  await withFolder(async (folder) => {
    const text = '{"step":1,"loss":3}\n{"step":2,"loss":2}\n{"step":3,"loss":1}\n{"step":4,"lo';
    await writeFile(join(folder, "log.jsonl"), text);
    const log = await RunLog.open(folder, 2);
    await log.write({ step: 3, loss: 0.5 });
    const steps = (await log.lines()).map(({ step, loss }) => [step, loss]);
    expect(steps).toEqual([
      [1, 3],
      [2, 2],
      [3, 0.5],
    ]);
  });
});

test("a run from the start empties the log of the run before", async () => {
  await withFolder(async (folder) => {
    await writeFile(join(folder, "log.jsonl"), '{"step":1,"loss":3}\n');
    const log = await RunLog.open(folder, 0);
    expect(await log.lines()).toEqual([]);
  });
});

test("recent numbers are means over the last lines, without bookkeeping", async () => {
  await withFolder(async (folder) => {
    const log = await RunLog.open(folder, 0);
    for (const step of [1, 2, 3, 4]) {
      await log.write({ step, loss: step * step, seconds: 9, gradientNorm: 1, learningRate: 1 });
    }
    expect(await log.recent(2)).toEqual({ numbers: { loss: (9 + 16) / 2 }, lines: 2 });
    expect((await log.recent(100)).lines).toBe(4);
  });
});

test("measurements between steps are kept, and leave recent numbers alone", async () => {
  await withFolder(async (folder) => {
    const log = await RunLog.open(folder, 0);
    log.write({ step: 1, loss: 4 });
    log.write({ step: 1, testAccuracy: 0.5 });
    log.write({ step: 2, loss: 2 });
    log.write({ step: 2, testAccuracy: 0.75 });
    expect(await log.recent(10)).toEqual({ numbers: { loss: 3 }, lines: 2 });
    expect((await log.lines()).map(({ testAccuracy }) => testAccuracy)).toEqual([
      undefined,
      0.5,
      undefined,
      0.75,
    ]);
  });
});
