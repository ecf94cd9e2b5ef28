/** Reference cases of official code: which systems can be compared, and the comparison itself. */
import { type ParityCase, readParityCase } from "../checkpoints/parity-case.ts";
import { ConfigError } from "../errors.ts";
import type { Device } from "../runtime/device.ts";
import type { ParityRow } from "./comparison.ts";
import { varParity } from "./var-parity.ts";

export type { ParityRow } from "./comparison.ts";

type Comparison = (device: Device, parityCase: ParityCase) => Promise<ParityRow[]>;

const comparisons: ReadonlyMap<string, Comparison> = new Map([["var", varParity]]);

export interface ParityReport {
  readonly name: string;
  readonly system: string;
  readonly source: string;
  readonly rows: readonly ParityRow[];
  readonly passed: boolean;
}

/**
 * Runs one case folder.
 *
 * @throws ConfigError if its system cannot be compared yet; CheckpointError if it is damaged.
 */
export async function runParity(device: Device, folder: string): Promise<ParityReport> {
  const parityCase = await readParityCase(folder);
  const compare = comparisons.get(parityCase.system);
  if (!compare) {
    throw new ConfigError({
      where: folder,
      expected: `a case of ${[...comparisons.keys()].join(", ")}`,
      got: `system ${parityCase.system}`,
    });
  }
  const rows = await compare(device, parityCase);
  const { name, system, source } = parityCase;
  return { name, system, source, rows, passed: rows.every((row) => row.passed) };
}
