import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeTinyModel } from "../../test/models/tiny-model.ts";
import { type Device, openDevice } from "../runtime/device.ts";
import type { Engine } from "../runtime/engine.ts";
import type { CreateOptions } from "../runtime/session.ts";
import { load } from "./load.ts";

const cpu = await openDevice("cpu");
const root = mkdtempSync(join(tmpdir(), "ordo-prepack-"));
beforeAll(() => writeTinyModel(root, { width: 128 }));
afterAll(() => rmSync(root, { recursive: true }));

/** The CPU, with the options of the sessions that were made on it. */
function watched(): { device: Device; made: CreateOptions[] } {
  const made: CreateOptions[] = [];
  const { InferenceSession } = cpu.engine;
  const create = (model: Uint8Array, options: CreateOptions) => {
    made.push(options);
    return InferenceSession.create(model, options);
  };
  const engine: Engine = {
    ...cpu.engine,
    InferenceSession: { create } as unknown as typeof InferenceSession,
  };
  return { device: { ...cpu, engine }, made };
}

const isUnpacked = (options: CreateOptions) =>
  JSON.stringify(options).includes('"disable_prepacking":"1"');

async function logitsOf(
  weights: "fp32" | "int8",
  prepack: boolean | undefined,
): Promise<{ logits: Float32Array; unpacked: number }> {
  const { device, made } = watched();
  const options = { weights, ...(prepack !== undefined && { prepack }) };
  const model = await load(root, device, options);
  const ids = [1, 4, 9, 16].map((count) => new Int32Array(count).fill(7));
  const rows: number[] = [];
  for await (const { logits } of model.predict("rocket", ids, { seed: 1 })) rows.push(...logits);
  await model.close();
  return { logits: Float32Array.from(rows), unpacked: made.filter(isUnpacked).length };
}

describe("large matrices in a file", () => {
  it("are used there when asked, with the same logits within rounding", async () => {
    const packed = await logitsOf("fp32", undefined);
    const mapped = await logitsOf("fp32", false);
    // what depends on the request alone is read once, and packed in neither
    expect([packed.unpacked, mapped.unpacked]).toEqual([1, 2]);
    const largest = Math.max(...packed.logits.map(Math.abs));
    const apart = mapped.logits.map((value, i) => Math.abs(value - packed.logits[i]!));
    expect(largest).toBeGreaterThan(0.1);
    expect(Math.max(...apart) / largest).toBeLessThan(1e-5);
  });

  it("are packed all the same where they are no float32", async () => {
    const [asked, plain] = [await logitsOf("int8", false), await logitsOf("int8", true)];
    expect(asked.unpacked).toBe(plain.unpacked);
    expect(asked.logits).toEqual(plain.logits);
  });
});
