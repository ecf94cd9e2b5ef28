/** The catalogue: every paper, its classes, the parts it stands on and how far it has come. */
import { systems } from "../systems/index.ts";
import { tokenizerOf } from "../tokenizers/tokenizer.ts";
import { askedClasses, classify } from "./classify.ts";
import { entries } from "./entries/index.ts";
import { gatherEvidence } from "./evidence.ts";
import type { CatalogueRow } from "./row.ts";
import { statusOf } from "./status.ts";
import type { Classes } from "./taxonomy.ts";

export { classify, type Declarations } from "./classify.ts";
export { entries } from "./entries/index.ts";
export type { Change, Entry, OfficialCode } from "./entry.ts";
export { type EvidenceFolders, gatherEvidence } from "./evidence.ts";
export { classWords, filterProblem, matches } from "./filter.ts";
export { parityRecord } from "./parity-record.ts";
export {
  type ClaimRecord,
  caseFingerprint,
  type ParityRecord,
  type ResultRecord,
  readResults,
  resultFile,
  resultSchema,
  type TrainingRecord,
  writeResult,
} from "./results.ts";
export type { CatalogueRow } from "./row.ts";
export { type Evidence, type Status, type SystemStatus, statuses, statusOf } from "./status.ts";
export { axes, type Classes, isParallel, type Role, roles, wordsOf } from "./taxonomy.ts";
export { type Leaf, leaves, type TreeNode, taxonomyTree } from "./tree.ts";

/**
 * One row per entry, in the order of the catalogue.
 *
 * @throws CheckpointError for a case, result or model whose files are damaged.
 */
export async function catalogue(): Promise<CatalogueRow[]> {
  const evidence = await gatherEvidence();
  const derived = derivedClasses();
  return entries.map((entry) => {
    const classes = derived.get(entry.name) ?? entry.plan;
    return {
      ...entry,
      ...(classes && { classes }),
      planned: !derived.has(entry.name),
      status: statusOf(entry, evidence),
    };
  });
}

/** The classes of every system in the code, from its smallest preset, and what any preset is asked. */
export function derivedClasses(): ReadonlyMap<string, Classes> {
  return new Map(
    systems.map((system) => {
      const composed = Object.values(system.presets)
        .map((config) => system.compose(config, {}))
        .sort((a, b) => a.order.tokenCount - b.order.tokenCount);
      const [smallest] = composed;
      const { maps: scales } = tokenizerOf(smallest!.tokenizer);
      const classes = classify({ ...smallest!, tokenizer: { scales } });
      return [system.name, { ...classes, ...askedClasses(composed) }];
    }),
  );
}
