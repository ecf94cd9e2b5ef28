import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { withFolder } from "../../test/data/fixtures.ts";
import { compareResults, readResult } from "./compare.ts";
import type { ComparableMetric, ComparableResult } from "./result.ts";

const metric = (changes: Partial<ComparableMetric> = {}): ComparableMetric => ({
  id: "fd",
  name: "FD[net]",
  better: "lower",
  value: 10,
  count: 500,
  interval: { low: 9, high: 11, confidence: 0.95 },
  ...changes,
});

const result = (changes: Partial<ComparableResult> = {}): ComparableResult => ({
  kind: "samples",
  subject: { name: "a", count: 500, decoding: "as stored", fingerprint: "1" },
  reference: { name: "real", count: 900, decoding: "as stored", fingerprint: "2" },
  network: { name: "net", preprocessing: "to 32x32" },
  metrics: [metric()],
  ...changes,
});

const only = (second: Partial<ComparableMetric>, first: Partial<ComparableMetric> = {}) =>
  compareResults(result({ metrics: [metric(first)] }), result({ metrics: [metric(second)] }))
    .metrics[0]!;

describe("comparing results", () => {
  it("takes the second minus the first, with the spread of both", () => {
    const compared = only({ value: 4, interval: { low: 2, high: 6, confidence: 0.95 } });
    expect(compared).toMatchObject({ first: 10, second: 4, difference: -6, verdict: "better" });
    expect(compared.interval!.low).toBeCloseTo(-6 - Math.sqrt(5), 12);
    expect(compared.interval!.high).toBeCloseTo(-6 + Math.sqrt(5), 12);
  });

  it("calls nothing better that lies within the spread, or has none", () => {
    expect(only({ value: 9.5 }).verdict).toBe("unclear");
    expect(only({ value: 20, interval: undefined })).toMatchObject({
      interval: null,
      verdict: "unclear",
    });
    expect(only({}).verdict).toBe("equal");
  });

  it("knows which way is better", () => {
    const interval = { low: 19, high: 21, confidence: 0.95 };
    expect(only({ value: 20, interval }).verdict).toBe("worse");
    expect(only({ value: 20, interval, better: "higher" }, { better: "higher" }).verdict).toBe(
      "better",
    );
  });

  it("refuses other networks, counts and references, and says all of it", () => {
    const other = result({
      subject: { name: "b", count: 400, decoding: "as stored", fingerprint: "3" },
      reference: { name: "real", count: 900, decoding: "as stored", fingerprint: "4" },
      network: { name: "other", preprocessing: "to 32x32" },
    });
    expect(() => compareResults(result(), other)).toThrow(
      "expected two results that can be compared, got different networks (net and other); " +
        "different samples (500 and 400); different pictures in real and real",
    );
    const resized = { name: "real", count: 900, decoding: "to 64x64", fingerprint: "2" };
    expect(() => compareResults(result(), result({ reference: resized }))).toThrow(
      "different decoding of the reference (as stored and to 64x64)",
    );
    expect(() => compareResults(result(), result({ kind: "tokenizer" }))).toThrow(
      "different kinds (samples and tokenizer)",
    );
  });

  it("compares what tokenizers have in common when the network is another one", () => {
    const psnr = metric({ id: "psnr", name: "PSNR" });
    const tokenizer = (name: string) =>
      result({
        kind: "tokenizer",
        network: { name, preprocessing: "to 32x32" },
        metrics: [metric({ name: `rFD[${name}]` }), psnr],
      });
    const { metrics, leftOut } = compareResults(tokenizer("one"), tokenizer("two"));
    expect(metrics.map(({ name }) => name)).toEqual(["PSNR"]);
    expect(leftOut).toEqual(["rFD[one] and rFD[two] are different metrics"]);
  });

  it("leaves out what one of them could not measure", () => {
    const kd = metric({ id: "kd", name: "KD[net]" });
    const { leftOut } = compareResults(
      result({ metrics: [metric(), kd] }),
      result({ metrics: [metric(), { ...kd, value: null }] }),
    );
    expect(leftOut).toEqual(["KD[net]: not measured in both"]);
  });
});

describe("reading results", () => {
  it("takes the folder of a report or its file, and refuses other JSON", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "result.json");
      await writeFile(path, JSON.stringify({ format: 1, ...result() }));
      expect(await readResult(folder)).toEqual(await readResult(path));
      await writeFile(path, JSON.stringify({ format: 2 }));
      await expect(readResult(folder)).rejects.toThrow(/expected fields that fit, got format: /);
      await expect(readResult(join(folder, "gone"))).rejects.toThrow("got no such file");
    });
  });
});
