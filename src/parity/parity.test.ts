import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { stateDictOf } from "../../test/checkpoints/official-files.ts";
import { writeTorchFile } from "../../test/checkpoints/torch-file.ts";
import { withFolder } from "../../test/data/fixtures.ts";
import { openParityTensors, parityWeights, readParityCase } from "../checkpoints/parity-case.ts";
import { type TensorData, toFloat32 } from "../checkpoints/tensor-data.ts";
import { ConfigError } from "../errors.ts";
import { openDevice } from "../runtime/device.ts";
import { compareFloats, compareIds } from "./comparison.ts";
import { type ParityReport, runParity } from "./index.ts";

const device = await openDevice("cpu", { threads: 1 });
const golden = (name: string): string =>
  fileURLToPath(new URL(`../../test/golden/${name}`, import.meta.url));

interface CaseFile {
  system: string;
  weights: { key: string; shape: number[]; scale: number; offset: number }[];
}

/** Runs a copy of the tiny case whose description is changed. */
async function changed(change: (settings: CaseFile) => void): Promise<ParityReport> {
  return withFolder(async (folder) => {
    const settings = JSON.parse(await readFile(join(golden("var-tiny"), "case.json"), "utf8"));
    change(settings as CaseFile);
    await writeFile(join(folder, "case.json"), JSON.stringify(settings));
    const tensors = "io.safetensors";
    await copyFile(join(golden("var-tiny"), tensors), join(folder, tensors));
    return runParity(device, folder);
  });
}

const failed = ({ rows }: ParityReport): string[] =>
  rows.filter(({ passed }) => !passed).map(({ tensor }) => tensor);

/** What cases give to a model of each system, instead of comparing it. */
const given: Readonly<Record<string, readonly string[]>> = {
  var: ["image", "label"],
  mar: ["label", "orders", "latent", "mask", "head_t", "head_x", "head_c", "loss_noise"],
};

describe("a system against its official code", () => {
  test.each([
    ["var-tiny", 1e-4],
    ["var-shared-adaln", 1e-4],
    ["var-10-scales", 1e-4],
    ["mar-tiny", 1e-3],
    ["mar-nocfg", 1e-3],
  ])("%s passes at %f", async (name, tolerance) => {
    const report = await runParity(device, golden(name));
    expect(report.rows.filter(({ passed }) => !passed)).toEqual([]);
    expect(report.passed).toBe(true);
    expect(Math.max(...report.rows.map((row) => row.tolerance))).toBe(tolerance);
    // everything that the case holds and that a model computes is compared
    const file = await openParityTensors(await readParityCase(golden(name)));
    const stored = [...(await file.readAll()).keys()];
    await file.close();
    expect(report.rows.map(({ tensor }) => tensor).sort()).toEqual(
      stored.filter((tensor) => !given[report.system]!.includes(tensor)).sort(),
    );
  });

  test("a weight that is off by 1 % fails, in the tensors that it reaches and no others", async () => {
    const report = await changed(({ weights }) => {
      weights.find(({ key }) => key === "var.blocks.1.ffn.fc2.weight")!.scale *= 1.01;
    });
    expect(report.passed).toBe(false);
    expect(failed(report)).toContain("logits");
    expect(
      failed(report).filter((tensor) => /^(latent|ids|fhat|var_input|recon)/.test(tensor)),
    ).toEqual([]);
  });

  test("a case of another system is refused by name", async () => {
    const report = changed((settings) => {
      settings.system = "infinity";
    });
    await expect(report).rejects.toThrow(ConfigError);
    await expect(report).rejects.toThrow(/a case of var, mar.*, got system infinity/);
  });
});

describe("a file of weights beside a case", () => {
  /** A copy of the tiny case with its transformer as `var.pth`. */
  async function withFile<T>(
    change: (weights: Map<string, TensorData>) => void,
    use: (folder: string, file: string) => Promise<T>,
  ): Promise<T> {
    return withFolder(async (folder) => {
      for (const name of ["case.json", "io.safetensors"]) {
        await copyFile(join(golden("var-tiny"), name), join(folder, name));
      }
      const rule = parityWeights(await readParityCase(folder));
      const own = [...rule].filter(([key]) => key.startsWith("var."));
      const weights = new Map(own.map(([key, tensor]) => [key.slice("var.".length), tensor]));
      change(weights);
      const { value, storages } = stateDictOf(weights);
      const file = join(folder, "var.pth");
      await writeTorchFile(file, value, storages);
      return use(folder, file);
    });
  }

  test("is held against the rule, and takes its place when it is named", async () => {
    await withFile(
      () => {},
      async (folder, file) => {
        for (const path of [folder, file]) {
          const { passed, rows } = await runParity(device, path);
          expect(passed).toBe(true);
          expect(rows[0]).toMatchObject({ tensor: "var.pth", shape: [642_760], error: 0 });
        }
      },
    );
  });

  test("that differs fails by itself in the folder, and with all it reaches when named", async () => {
    const change = (weights: Map<string, TensorData>) => {
      const { shape, data } = weights.get("head.bias")!;
      const other = toFloat32({ dtype: "float32", shape, data }).map((value) => value + 1);
      other[0]! += 1;
      weights.set("head.bias", { dtype: "float32", shape, data: other });
    };
    await withFile(change, async (folder, file) => {
      expect(failed(await runParity(device, folder))).toEqual(["var.pth"]);
      expect(failed(await runParity(device, file))).toContain("logits");
    });
  });

  test("with missing, wrong and surplus keys gets one error that lists them all", async () => {
    const change = (weights: Map<string, TensorData>) => {
      weights.set("extra", weights.get("pos_start")!);
      weights.set("pos_start", weights.get("pos_1LC")!);
      weights.delete("head.bias");
    };
    await withFile(change, async (_, file) => {
      await expect(runParity(device, file)).rejects.toThrow(
        "got 1 missing: var.head.bias; 1 wrong: var.pos_start [1, 30, 128] instead of " +
          "[1, 1, 128]; 1 surplus: var.extra",
      );
    });
  });
});

describe("a comparison", () => {
  const floats = (...values: number[]) => ({
    dtype: "float32" as const,
    shape: [values.length],
    data: Float32Array.from(values),
  });

  test("of floats is relative to the length of the reference", () => {
    const { error, passed } = compareFloats("x", Float32Array.of(3, 4.001), floats(3, 4));
    expect(error).toBeCloseTo(0.001 / 5, 6);
    expect(passed).toBe(false);
    expect(compareFloats("x", Float32Array.of(3, 4.0001), floats(3, 4)).passed).toBe(true);
  });

  test("of ids counts those that differ, and passes at none", () => {
    const reference = { dtype: "int32" as const, shape: [4], data: Int32Array.of(1, 2, 3, 4) };
    expect(compareIds("ids", [1n, 2n, 3n, 4n], reference).passed).toBe(true);
    expect(compareIds("ids", [1, 2, 9, 4], reference)).toMatchObject({
      error: 0.25,
      passed: false,
    });
  });

  test("fails where lengths differ and where a value is not a number", () => {
    expect(compareFloats("x", Float32Array.of(3), floats(3, 4)).passed).toBe(false);
    expect(compareFloats("x", Float32Array.of(3, Number.NaN), floats(3, 4)).passed).toBe(false);
    expect(compareFloats("x", Float32Array.of(3, 4, 5), floats(3, 4)).passed).toBe(false);
  });
});
