/** The result of an evaluation as it is kept in `result.json`. */
import { z } from "zod";
import type { Metric, MetricInterval } from "./metric.ts";

export const RESULT_FILE = "result.json";
export const REPORT_FILE = "report.html";
export const RESULT_FORMAT = 1;

/** One side of a comparison. */
export interface ResultSide {
  readonly name: string;
  /** Pictures; null for statistics that do not say. */
  readonly count: number | null;
  /** How bytes became pixels. */
  readonly decoding: string;
  /** SHA-256 over the contents in their order. */
  readonly fingerprint: string;
}

export interface ResultNetwork {
  readonly name: string;
  readonly isInception: boolean;
  readonly width: number;
  readonly classes: number;
  readonly preprocessing: string;
}

/** A setting that shaped a number. */
export type Setting = string | number | boolean | null;

export interface EvalResult {
  readonly format: typeof RESULT_FORMAT;
  readonly kind: "samples" | "model" | "tokenizer" | "scenes";
  readonly subject: ResultSide;
  readonly reference: ResultSide;
  readonly network: ResultNetwork;
  readonly metrics: readonly Metric[];
  readonly warnings: readonly string[];
  readonly settings: Readonly<Record<string, Setting>>;
  /** Figures beyond the table: curves, scales of a codebook, nearest pictures. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What a comparison needs of a result. */
export interface ComparableResult {
  readonly kind: EvalResult["kind"];
  readonly subject: ResultSide;
  readonly reference: ResultSide;
  readonly network: Pick<ResultNetwork, "name" | "preprocessing">;
  readonly metrics: readonly ComparableMetric[];
}

export type ComparableMetric = Pick<Metric, "id" | "name" | "better" | "value" | "count"> & {
  readonly unit?: string | undefined;
  readonly interval?: Pick<MetricInterval, "low" | "high" | "confidence"> | undefined;
  readonly referenceCount?: number | undefined;
};

const side = z.object({
  name: z.string(),
  count: z.number().nullable(),
  decoding: z.string(),
  fingerprint: z.string(),
});

const metric = z.object({
  id: z.string(),
  name: z.string(),
  better: z.enum(["lower", "higher", "neither"]),
  value: z.number().nullable(),
  count: z.number(),
  unit: z.string().optional(),
  interval: z.object({ low: z.number(), high: z.number(), confidence: z.number() }).optional(),
  referenceCount: z.number().optional(),
});

export const comparableSchema: z.ZodType<ComparableResult> = z.object({
  format: z.literal(RESULT_FORMAT),
  kind: z.enum(["samples", "model", "tokenizer", "scenes"]),
  subject: side,
  reference: side,
  network: z.object({ name: z.string(), preprocessing: z.string() }),
  metrics: z.array(metric),
});
