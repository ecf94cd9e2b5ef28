/**
 * Parity cases: a published system at a tiny size, run once by its official code, with everything
 * that went in (`case.json`, weights as a rule) and came out (`io.safetensors`).
 */

import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { readJson } from "./json-file.ts";
import { ruleWeights, type WeightRule } from "./rule-weights.ts";
import { openSafetensors, type SafetensorsFile } from "./safetensors.ts";
import { float32Tensor, type TensorMap } from "./tensor-data.ts";

export interface ParityCase {
  /** Name of the folder. */
  readonly name: string;
  readonly path: string;
  /** Which published system: `var`, `llamagen`, `mar`. */
  readonly system: string;
  readonly source: string;
  readonly seed: number;
  /** Parameters under their official names; the part before the first dot is the module. */
  readonly weights: readonly WeightRule[];
  /** How close the reference's closest argmax was; ids may differ where it is under 1e-3. */
  readonly smallestTop2LogitGap: number | null;
  /** All of `case.json`; the sizes in it are for the system to check. */
  readonly settings: Readonly<Record<string, unknown>>;
}

const size = z.int().nonnegative();
const caseSchema = z.looseObject({
  system: z.string().min(1),
  source: z.string(),
  seed: z.int(),
  weights: z
    .array(
      z.object({
        key: z.string().min(1),
        shape: z.array(size),
        scale: z.number(),
        offset: z.number(),
      }),
    )
    .min(1),
  smallest_top2_logit_gap: z.number().nonnegative().optional(),
});

/** Reads `case.json` of a case folder. @throws CheckpointError naming the file and every bad field */
export async function readParityCase(folder: string): Promise<ParityCase> {
  const path = resolve(folder);
  const settings = await readJson(join(path, "case.json"), caseSchema, {
    hint: "A case is a folder with case.json and io.safetensors",
  });
  return {
    name: basename(path),
    path,
    system: settings.system,
    source: settings.source,
    seed: settings.seed,
    weights: settings.weights,
    smallestTop2LogitGap: settings.smallest_top2_logit_gap ?? null,
    settings,
  };
}

/** Opens the inputs and reference outputs of a case. @throws CheckpointError */
export function openParityTensors({ path }: ParityCase): Promise<SafetensorsFile> {
  return openSafetensors(join(path, "io.safetensors"));
}

/** All weights of a case under their official names, float32. */
export function parityWeights({ seed, weights }: ParityCase): TensorMap {
  return new Map(
    weights.map((rule) => [rule.key, float32Tensor(rule.shape, ruleWeights(seed, rule))]),
  );
}
