/** A paper's claim, measured at small scale by `ordo reproduce`. */
import { z } from "zod";
import type { RecordFacts } from "./record-facts.ts";

export type ClaimVerdict = "shown" | "not-shown" | "opposite";

export interface ClaimMeasureRecord {
  name: string;
  unit: string;
  /** What the paper leads one to expect of the system, beside the baseline. */
  claimed: "lower" | "higher";
  /** One value for each seed. */
  baseline: number[];
  measured: number[];
  /** Ratio or difference of measured and baseline, with its 95 % interval over the seeds. */
  effect: {
    kind: "ratio" | "difference";
    value: number;
    low: number | null;
    high: number | null;
  };
  verdict: ClaimVerdict;
}

export interface ClaimRecord extends RecordFacts {
  kind: "claim";
  /** The claim in one sentence, and where the paper makes it. */
  claim: string;
  source: string;
  /** Name of what the system is compared with. */
  baseline: string;
  /** Everything that shaped the numbers. */
  setting: Record<string, string | number>;
  seeds: number[];
  measures: ClaimMeasureRecord[];
  /** A measure by training step, averaged over the seeds, where the claim is about training. */
  curve: {
    name: string;
    points: { step: number; baseline: number; measured: number }[];
  } | null;
  verdict: ClaimVerdict;
  hardware: string;
  minutes: number;
  /** Of the code that measured; null outside of a repository. */
  commit: string | null;
}

const verdict = z.enum(["shown", "not-shown", "opposite"]);
const text = z.string().min(1);
const effect = z.strictObject({
  kind: z.enum(["ratio", "difference"]),
  value: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});

type Fields = Omit<ClaimRecord, keyof RecordFacts>;

export const claimFields: {
  [Key in keyof Fields]: z.ZodType<Fields[Key]>;
} & { kind: z.ZodLiteral<"claim"> } = {
  kind: z.literal("claim"),
  claim: text,
  source: text,
  baseline: text,
  setting: z.record(z.string(), z.union([z.string(), z.number()])),
  seeds: z.array(z.int()).min(1),
  measures: z
    .array(
      z.strictObject({
        name: text,
        unit: z.string(),
        claimed: z.enum(["lower", "higher"]),
        baseline: z.array(z.number()).min(1),
        measured: z.array(z.number()).min(1),
        effect,
        verdict,
      }),
    )
    .min(1),
  curve: z
    .strictObject({
      name: text,
      points: z.array(
        z.strictObject({ step: z.int(), baseline: z.number(), measured: z.number() }),
      ),
    })
    .nullable(),
  verdict,
  hardware: text,
  minutes: z.number().nonnegative(),
  commit: z.string().nullable(),
};
