import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openDevice } from "../runtime/device.ts";
import { runDecodingBench } from "./decoding-run.ts";
import { llamaGenB, llamaGenTiny } from "./decoding-target.ts";

const device = await openDevice("cpu", { threads: 1 });
let models: string;
beforeAll(async () => {
  models = await mkdtemp(join(tmpdir(), "ordo-bench-"));
});
afterAll(() => rm(models, { recursive: true, force: true }));

it("tells the time of a token in each format, beside that of reading its weights", async () => {
  const bars = { reading: 1e9, int8: 1e9, int4: 1e-9 };
  const options = { repeat: 2, models, readFloats: 4096, openPeer: async () => null };
  const report = await runDecodingBench(device, { ...llamaGenTiny, bars }, options);
  expect(report.facts).toMatchObject({ tokens: 64 });
  const [fp32, int8, int4] = report.formats;
  // 4 blocks of 4·128² + 3·128·352, all norms, and the head
  expect(fp32!.readBytes).toBe(4 * (4 * (4 * 128 ** 2 + 3 * 128 * 352) + 9 * 128 + 1024 * 128));
  expect(int8!.readBytes).toBeLessThan(0.3 * fp32!.readBytes);
  expect(int4!.readBytes).toBeLessThan(0.7 * int8!.readBytes);
  for (const { tokenMs, readBytes, ofReading } of report.formats) {
    expect(tokenMs.times.length).toBe(2);
    expect(ofReading).toBeCloseTo((tokenMs.best * report.readGBs * 1e6) / readBytes, 6);
  }
  expect(fp32!.ofFp32).toBe(1);
  expect(report.bars.map(({ name, reached }) => [name, reached])).toEqual([
    ["reading", true],
    ["int8", true],
    ["int4", false],
  ]);
});

it("asks of LlamaGen-B what it should reach", () => {
  expect(llamaGenB.bars).toEqual({ reading: 1.25, int8: 0.45, int4: 0.35 });
});
