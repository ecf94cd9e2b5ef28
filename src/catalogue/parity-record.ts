/** What is kept of a comparison with a reference case. */
import type { ParityReport } from "../parity/index.ts";
import { type ParityRecord, RESULT_FORMAT } from "./results.ts";

/** @param facts `fingerprint` is `caseFingerprint` of the folder that was compared. */
export function parityRecord(
  { name, system, rows, passed }: ParityReport,
  facts: Pick<ParityRecord, "fingerprint" | "ordo" | "device">,
): ParityRecord {
  // the row nearest to its tolerance; ids have none to spare
  const excess = ({ error, tolerance }: ParityReport["rows"][number]): number =>
    tolerance === 0 ? error * Number.MAX_VALUE : error / tolerance;
  const [worst] = [...rows].sort((a, b) => excess(b) - excess(a));
  const { tensor, error, tolerance } = worst!;
  return {
    format: RESULT_FORMAT,
    kind: "parity",
    name,
    system,
    ...facts,
    passed,
    tensors: rows.length,
    worst: { tensor, error, tolerance },
  };
}
