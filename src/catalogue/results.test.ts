import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { gatherEvidence } from "./evidence.ts";
import { parityRecord } from "./parity-record.ts";
import { type ClaimRecord, caseFingerprint, readResults, writeResult } from "./results.ts";

const claim: ClaimRecord = {
  format: 1,
  kind: "claim",
  name: "var",
  system: "var",
  ordo: "0.1.0",
  device: "cpu",
  claim: "Next-scale prediction needs fewer steps than raster order at equal quality.",
  source: "arXiv:2404.02905, abstract",
  baseline: "raster order",
  setting: { pictures: "scenes 32×32", steps: 100 },
  seeds: [1, 2],
  measures: [
    {
      name: "passes",
      unit: "",
      claimed: "lower",
      baseline: [64, 64],
      measured: [6, 6],
      effect: { kind: "ratio", value: 0.09375, low: 0.09375, high: 0.09375 },
      verdict: "shown",
    },
  ],
  curve: null,
  verdict: "shown",
  hardware: "2 CPU cores",
  minutes: 3,
  commit: null,
};

describe("result files", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "ordo-results-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("come back as they were written, under a name made of kind and name", async () => {
    expect(await writeResult(folder, claim)).toBe(join(folder, "var.json"));
    expect(await readResults(folder)).toEqual([claim]);
    await writeResult(folder, { ...claim, verdict: "not-shown" });
    expect(await readResults(folder)).toEqual([{ ...claim, verdict: "not-shown" }]);
  });

  it("are none where there is no folder", async () => {
    expect(await readResults(join(folder, "missing"))).toEqual([]);
  });

  it("are refused with every field that does not fit", async () => {
    const path = await writeResult(folder, claim);
    const bad = { ...claim, verdict: "yes", steps: 3, claim: "" };
    await writeFile(path, JSON.stringify(bad));
    await expect(readResults(folder)).rejects.toThrow(/var\.json.*claim.*verdict.*steps/s);
    await expect(writeResult(folder, { ...claim, name: "../x" })).rejects.toThrow(
      /fields that fit/,
    );
  });

  it("are refused under another name, so that none is counted twice", async () => {
    await rename(await writeResult(folder, claim), join(folder, "copy.json"));
    await expect(readResults(folder)).rejects.toThrow(/expected.*var\.json/s);
  });

  it("of parity name the tensor nearest to its tolerance", () => {
    const row = { shape: [1], passed: true };
    const rows = [
      { ...row, tensor: "latent", error: 1e-6, tolerance: 1e-4 },
      { ...row, tensor: "logits", error: 5e-5, tolerance: 1e-4 },
      { ...row, tensor: "ids", error: 0, tolerance: 0 },
    ];
    const report = { name: "var-tiny", system: "var", source: "official", rows, passed: true };
    const record = parityRecord(report, { fingerprint: "a".repeat(64), ordo: "1", device: "cpu" });
    expect(record.worst).toEqual({ tensor: "logits", error: 5e-5, tolerance: 1e-4 });
    const wrong = { ...report, rows: [...rows, { ...rows[2]!, tensor: "ids.3", error: 1e-9 }] };
    expect(
      parityRecord(wrong, { fingerprint: "a".repeat(64), ordo: "1", device: "cpu" }).worst.tensor,
    ).toBe("ids.3");
  });

  it("belong to a version of the case", async () => {
    await writeFile(join(folder, "case.json"), "{}");
    await writeFile(join(folder, "io.safetensors"), "a");
    const first = await caseFingerprint(folder);
    expect(await caseFingerprint(folder)).toBe(first);
    await writeFile(join(folder, "io.safetensors"), "b");
    expect(await caseFingerprint(folder)).not.toBe(first);
  });
});

describe("evidence", () => {
  it("is what lies in the repository", async () => {
    const evidence = await gatherEvidence();
    expect(evidence.systems).toContain("var");
    expect(evidence.commands).toContain("systems");
    expect(evidence.cases?.map(({ name }) => name)).toContain("var-tiny");
    expect(evidence.models).toContainEqual({ name: "emoji-var", system: "var" });
    for (const { system, kind } of evidence.results) {
      if (kind === "parity") expect(evidence.systems).toContain(system);
    }
  });

  it("has no cases where the program is installed without them", async () => {
    const none = "no/such/folder";
    const evidence = await gatherEvidence({ cases: none, results: none, claims: none });
    expect(evidence).toMatchObject({ cases: null, results: [] });
  });
});
