/** Runs a reproduction over seeds and records what came of it. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ClaimMeasureRecord, ClaimRecord } from "../catalogue/claim-record.ts";
import { RESULT_FORMAT } from "../catalogue/record-facts.ts";
import type { Device } from "../runtime/device.ts";
import { hardwareOf } from "../runtime/hardware.ts";
import { ordoVersion } from "../version.ts";
import { jointVerdict, pairedEffect, verdictOf } from "./effect.ts";
import { type SeedOutcome, seedOutcome } from "./outcome.ts";
import type { ClaimedMeasure, Reproduction } from "./reproduction.ts";

export interface ReproduceOptions {
  readonly device: Device;
  readonly seeds: readonly number[];
  readonly quick: boolean;
  /** Where each seed keeps its files. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** @param done seeds that are done, and the share of the one in progress. */
  readonly onProgress?: (done: number, doing: string) => void;
}

/**
 * Measures the claim. Seeds that an earlier run has measured with the same setting are read instead.
 *
 * @throws the signal's reason when it aborts; what was measured stays.
 */
export async function reproduce(
  reproduction: Reproduction,
  { device, seeds, quick, folder, signal, onProgress }: ReproduceOptions,
): Promise<ClaimRecord> {
  const outcomes: SeedOutcome[] = [];
  for (const [i, seed] of seeds.entries()) {
    signal.throwIfAborted();
    const outcome = await seedOutcome(reproduction, {
      device,
      quick,
      seed,
      folder: seedFolder(folder, seed),
      signal,
      onProgress: (share, doing) => onProgress?.(i + share, `seed ${seed}: ${doing}`),
    });
    outcomes.push(outcome);
    onProgress?.(i + 1, `seed ${seed} done`);
  }
  const { system, claim, source, baseline } = reproduction;
  const measures = reproduction.measures.map((measure) => measureRecord(measure, outcomes));
  return {
    format: RESULT_FORMAT,
    name: system,
    system,
    ordo: await ordoVersion(),
    device: device.name,
    kind: "claim",
    claim,
    source,
    baseline,
    setting: { ...reproduction.setting(quick) },
    seeds: [...seeds],
    measures,
    curve: curveRecord(reproduction, outcomes),
    verdict: jointVerdict(measures.map(({ verdict }) => verdict)),
    hardware: hardwareOf(device),
    minutes: Number(outcomes.reduce((sum, { minutes }) => sum + minutes, 0).toFixed(1)),
    commit: await commitOf(),
  };
}

export function seedFolder(folder: string, seed: number): string {
  return join(folder, `seed-${seed}`);
}

function measureRecord(
  { name, unit, claimed, compared }: ClaimedMeasure,
  outcomes: readonly SeedOutcome[],
): ClaimMeasureRecord {
  const baseline = outcomes.map((outcome) => outcome.baseline.values[name]!);
  const measured = outcomes.map((outcome) => outcome.system.values[name]!);
  const effect = pairedEffect(compared, baseline, measured);
  const verdict = verdictOf(effect, claimed);
  return { name, unit, claimed, baseline, measured, effect, verdict };
}

function curveRecord(
  { curve: name }: Reproduction,
  outcomes: readonly SeedOutcome[],
): ClaimRecord["curve"] {
  const steps = outcomes[0]?.system.curve?.map(({ step }) => step);
  if (!name || !steps) return null;
  const mean = (arm: "baseline" | "system", i: number): number =>
    outcomes.reduce((sum, outcome) => sum + outcome[arm].curve![i]!.value, 0) / outcomes.length;
  return {
    name,
    points: steps.map((step, i) => ({
      step,
      baseline: mean("baseline", i),
      measured: mean("system", i),
    })),
  };
}

/** `1a2b3c4`, with a plus sign where files have changed since; null outside of a repository. */
async function commitOf(): Promise<string | null> {
  const git = promisify(execFile);
  const cwd = new URL("../..", import.meta.url);
  try {
    const { stdout: hash } = await git("git", ["rev-parse", "--short", "HEAD"], { cwd });
    const { stdout: changes } = await git("git", ["status", "--porcelain", "-uno"], { cwd });
    return `${hash.trim()}${changes.trim() ? "+" : ""}`;
  } catch {
    return null;
  }
}
