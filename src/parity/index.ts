/** Reference cases of official code: which systems can be compared, and the comparison itself. */
import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { type ParityCase, parityWeights, readParityCase } from "../checkpoints/parity-case.ts";
import { ConfigError } from "../errors.ts";
import type { Device } from "../runtime/device.ts";
import { checkpointsIn, compareWeights, readWeights, withModule } from "./case-checkpoints.ts";
import type { ParityRow } from "./comparison.ts";
import { llamaGenParity } from "./llamagen-parity.ts";
import { marParity } from "./mar-parity.ts";
import type { OfficialWeights } from "./official-weights.ts";
import { varParity } from "./var-parity.ts";

export type { ParityRow } from "./comparison.ts";

type Comparison = (
  device: Device,
  parityCase: ParityCase,
  weights: OfficialWeights,
) => Promise<ParityRow[]>;

const comparisons: ReadonlyMap<string, Comparison> = new Map([
  ["var", varParity],
  ["mar", marParity],
  ["llamagen", llamaGenParity],
]);

export interface ParityReport {
  readonly name: string;
  readonly system: string;
  readonly source: string;
  readonly rows: readonly ParityRow[];
  readonly passed: boolean;
}

/**
 * Runs one case: a folder, or a checkpoint inside of one, whose weights then take the place of the
 * case's rule. Checkpoints in a folder are compared with its rule, value by value.
 *
 * @throws ConfigError if its system cannot be compared yet; CheckpointError if it is damaged.
 */
export async function runParity(device: Device, path: string): Promise<ParityReport> {
  const isFile = (await stat(path).catch(() => null))?.isFile() === true;
  const parityCase = await readParityCase(isFile ? dirname(path) : path);
  const compare = comparisons.get(parityCase.system);
  if (!compare) {
    throw new ConfigError({
      where: path,
      expected: `a case of ${[...comparisons.keys()].join(", ")}`,
      got: `system ${parityCase.system}`,
    });
  }
  const rule = parityWeights(parityCase);
  const files = isFile ? [path] : await checkpointsIn(parityCase);
  const stored = await Promise.all(files.map((file) => readWeights(file)));
  const official = isFile ? withModule(rule, stored[0]!) : rule;
  const rows = [
    ...stored.map((weights) => compareWeights(weights, rule)),
    ...(await compare(device, parityCase, { official, where: path })),
  ];
  const { name, system, source } = parityCase;
  const shown = isFile ? `${name}/${basename(path)}` : name;
  return { name: shown, system, source, rows, passed: rows.every((row) => row.passed) };
}
