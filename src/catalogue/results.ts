/**
 * Result files: what was measured of a system, one file each in `results/`, or for claims in
 * `reproductions/results/`, written by the program that measured it. The catalogue's status is
 * computed from them.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readJson } from "../checkpoints/json-file.ts";
import { CheckpointError } from "../errors.ts";
import { type ClaimRecord, claimFields } from "./claim-record.ts";
import { type RecordFacts, recordFacts } from "./record-facts.ts";

export type { ClaimRecord } from "./claim-record.ts";
export { RESULT_FORMAT } from "./record-facts.ts";

/** A comparison with a reference case of official code. */
export interface ParityRecord extends RecordFacts {
  kind: "parity";
  /** `caseFingerprint` of the case that was compared. */
  fingerprint: string;
  passed: boolean;
  tensors: number;
  /** The largest error over its tolerance. */
  worst: { tensor: string; error: number; tolerance: number };
}

/** A training that was run to its end, where the model is too large to ship. */
export interface TrainingRecord extends RecordFacts {
  kind: "training";
  recipe: string;
  data: string[];
  steps: number;
  /** Named measures at the end: `loss`, `FD[emoji-cnn-1a2b]`. */
  measures: Record<string, number>;
}

export type ResultRecord = ParityRecord | TrainingRecord | ClaimRecord;

const measures = z.record(z.string(), z.number());

export const resultSchema: z.ZodType<ResultRecord> = z.discriminatedUnion("kind", [
  z.strictObject({
    ...recordFacts,
    kind: z.literal("parity"),
    fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
    passed: z.boolean(),
    tensors: z.int().positive(),
    worst: z.strictObject({
      tensor: z.string(),
      error: z.number().nonnegative(),
      tolerance: z.number().nonnegative(),
    }),
  }),
  z.strictObject({
    ...recordFacts,
    kind: z.literal("training"),
    recipe: z.string().min(1),
    data: z.array(z.string()).min(1),
    steps: z.int().positive(),
    measures,
  }),
  z.strictObject({ ...recordFacts, ...claimFields }),
]);

/** `parity-var-tiny.json`; claims have a folder of their own, where `var.json` is enough. */
export function resultFile({ kind, name }: Pick<ResultRecord, "kind" | "name">): string {
  return kind === "claim" ? `${name}.json` : `${kind}-${name}.json`;
}

/**
 * All records of a folder, by file name; none if there is no such folder.
 *
 * @throws CheckpointError naming the file and every bad field, or one that is called otherwise than
 *   its record.
 */
export async function readResults(folder: string): Promise<ResultRecord[]> {
  const names = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith(".json"));
  return Promise.all(names.sort().map((file) => readResult(folder, file)));
}

async function readResult(folder: string, file: string): Promise<ResultRecord> {
  const path = join(folder, file);
  const record = await readJson(path, resultSchema);
  if (resultFile(record) === file) return record;
  throw new CheckpointError({ where: path, expected: `the name ${resultFile(record)}`, got: file });
}

/** Writes a record over the last one of its name. @throws CheckpointError for one that is not valid. */
export async function writeResult(folder: string, record: ResultRecord): Promise<string> {
  const result = resultSchema.safeParse(record);
  const path = join(folder, resultFile(record));
  if (!result.success) {
    const got = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new CheckpointError({ where: path, expected: "fields that fit", got: got.join("; ") });
  }
  await mkdir(folder, { recursive: true });
  await writeFile(path, `${JSON.stringify(result.data, null, 2)}\n`);
  return path;
}

/** SHA-256 over the files of a parity case, so that a record of another version does not count. */
export async function caseFingerprint(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const file of ["case.json", "io.safetensors"]) {
    hash.update(await readFile(join(folder, file)));
  }
  return hash.digest("hex");
}
