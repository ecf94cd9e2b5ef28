import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { withFolder } from "../../test/data/fixtures.ts";
import { openParityTensors, readParityCase } from "../checkpoints/parity-case.ts";
import { openDevice } from "../runtime/device.ts";
import { runParity } from "./index.ts";

const device = await openDevice("cpu", { threads: 1 });
const golden = (name: string): string =>
  fileURLToPath(new URL(`../../test/golden/${name}`, import.meta.url));

/** Tensors that differ when a weight of the case is off by 1 %. */
async function failedWithout(key: string): Promise<string[]> {
  return withFolder(async (folder) => {
    await cp(golden("llamagen-t2i"), folder, { recursive: true });
    const path = join(folder, "case.json");
    const settings = JSON.parse(await readFile(path, "utf8")) as {
      weights: { key: string; scale: number }[];
    };
    settings.weights.find((weight) => weight.key === key)!.scale *= 1.01;
    await writeFile(path, JSON.stringify(settings));
    const { rows } = await runParity(device, folder);
    return rows.filter(({ passed }) => !passed).map(({ tensor }) => tensor);
  });
}

describe("LlamaGen against its official code", () => {
  test.each(["llamagen-c2i", "llamagen-t2i"])("%s passes at 1e-4", async (name) => {
    const report = await runParity(device, golden(name));
    expect(report.rows.filter(({ passed }) => !passed)).toEqual([]);
    expect(Math.max(...report.rows.map(({ tolerance }) => tolerance))).toBe(1e-4);
    // everything that the case holds and that a model computes is compared
    const file = await openParityTensors(await readParityCase(golden(name)));
    const stored = [...(await file.readAll()).keys()];
    await file.close();
    const given = new Set(["image", "label", "caption", "caption_mask"]);
    expect(report.rows.map(({ tensor }) => tensor).sort()).toEqual(
      stored.filter((tensor) => !given.has(tensor)).sort(),
    );
  });

  test("a block that is off by 1 % shows in the logits, and nowhere in the tokenizer", async () => {
    const failed = await failedWithout("gpt.layers.1.feed_forward.w2.weight");
    expect(failed).toContain("logits");
    expect(failed).toContain("sample_logits");
    expect(failed.filter((name) => /^(latent|ids|quantised|recon|decoded)/.test(name))).toEqual([]);
  });

  test("the table that stands for no caption shows where samples are guided alone", async () => {
    const failed = await failedWithout("gpt.cls_embedding.uncond_embedding");
    expect(failed).toContain("sample_logits");
    expect(failed).not.toContain("logits");
  });
});
