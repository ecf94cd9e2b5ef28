import { describe, expect, it } from "vitest";
import { entries } from "./entries/index.ts";
import type { Entry } from "./entry.ts";
import type { ClaimRecord, ParityRecord, ResultRecord } from "./results.ts";
import { type Evidence, statusOf } from "./status.ts";

const entry = entries.find(({ name }) => name === "var")!;
const facts = { format: 1, system: "var", ordo: "0.1.0", device: "cpu" } as const;
const nothing: Evidence = { systems: [], commands: [], cases: [], results: [], models: [] };
const built: Evidence = { ...nothing, systems: ["var"] };
const present = { name: "var-tiny", system: "var", fingerprint: "a".repeat(64) };

function parity(changed: Partial<ParityRecord> = {}): ParityRecord {
  const worst = { tensor: "logits", error: 1e-6, tolerance: 1e-4 };
  const { fingerprint } = present;
  const common = { ...facts, kind: "parity", name: "var-tiny", fingerprint } as const;
  return { ...common, passed: true, tensors: 3, worst, ...changed };
}

function claim(verdict: ClaimRecord["verdict"]): ResultRecord {
  return {
    ...facts,
    kind: "claim",
    name: "var",
    claim: "Fewer steps.",
    source: "abstract",
    baseline: "raster",
    setting: {},
    seeds: [1],
    measures: [],
    curve: null,
    verdict,
    hardware: "2 CPU cores",
    minutes: 1,
    commit: null,
  };
}

const marks = (evidence: Evidence, of: Entry = entry) => statusOf(of, evidence).marks;

describe("statusOf", () => {
  it("is planned as long as nothing is in the code, whatever else is there", () => {
    expect(marks(nothing)).toEqual(["planned"]);
    expect(marks({ ...nothing, cases: [present], results: [parity(), claim("shown")] })).toEqual([
      "planned",
    ]);
  });

  it("gives each mark for what it stands for", () => {
    expect(marks(built)).toEqual(["parts"]);
    expect(marks({ ...built, cases: [present], results: [parity()] })).toEqual(["parts", "parity"]);
    const model = { name: "emoji-var", system: "var" };
    expect(marks({ ...built, models: [model] })).toEqual(["parts", "trained"]);
    expect(marks({ ...built, results: [claim("shown")] })).toEqual(["parts", "claim"]);
  });

  it("counts a recorded training where the model is not shipped", () => {
    const training: ResultRecord = {
      ...facts,
      kind: "training",
      name: "big",
      recipe: "big-var",
      data: ["cifar-10"],
      steps: 9,
      measures: { loss: 1 },
    };
    const status = statusOf(entry, { ...built, results: [training] });
    expect(status).toMatchObject({ marks: ["parts", "trained"], models: ["big"] });
  });

  it("wants every case equal, and equal as the case is now", () => {
    const outcome = (results: readonly ResultRecord[]) => {
      const status = statusOf(entry, { ...built, cases: [present], results });
      return [status.parity[0]!.outcome, status.marks.includes("parity")];
    };
    expect(outcome([parity()])).toEqual(["equal", true]);
    expect(outcome([parity({ passed: false })])).toEqual(["different", false]);
    expect(outcome([parity({ fingerprint: "b".repeat(64) })])).toEqual(["stale", false]);
    expect(outcome([])).toEqual(["not-run", false]);
    const second = { ...present, name: "var-large" };
    expect(marks({ ...built, cases: [present, second], results: [parity()] })).toEqual(["parts"]);
  });

  it("trusts the records where no cases lie beside the program", () => {
    expect(marks({ ...built, cases: null, results: [parity()] })).toEqual(["parts", "parity"]);
    expect(marks({ ...built, cases: null })).toEqual(["parts"]);
  });

  it("does not count what was measured of others, or measured and not shown", () => {
    expect(marks({ ...built, results: [claim("opposite"), claim("not-shown")] })).toEqual([
      "parts",
    ]);
    const others = [parity({ system: "mar" })];
    expect(marks({ ...built, cases: null, results: others })).toEqual(["parts"]);
  });

  it("counts a command as the parts of what is no composition", () => {
    const survey = entries.find(({ name }) => name === "survey")!;
    expect(marks(nothing, survey)).toEqual(["planned"]);
    expect(marks({ ...nothing, commands: [survey.command!] }, survey)).toEqual(["parts"]);
  });
});
