/** `config.json` of a model folder: which system, at which sizes, trained on what. */

import { z } from "zod";

/** Raised when a reader of the old form could misread the new one. */
export const MODEL_FORMAT = 1;

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Where a model comes from; free further keys are kept. */
export interface TrainingFacts {
  /** Names of the data sets. */
  data?: string[] | undefined;
  /** Licence of the data as its owner calls it. */
  licence?: string | undefined;
  /** Optimiser steps. */
  steps?: number | undefined;
  /** Wall-clock hours of all training together. */
  hours?: number | undefined;
  hardware?: string | undefined;
  [key: string]: unknown;
}

/** What `generate` does unless told otherwise. */
export interface SamplingDefaults {
  /** s in u + s·(c − u); 1 is off. */
  guidance?: number | undefined;
  /** Tokens kept per draw; 0 keeps all. */
  topK?: number | undefined;
  /** Probability mass kept per draw, in (0, 1]. */
  topP?: number | undefined;
  temperature?: number | undefined;
}

export interface ModelConfig {
  format: typeof MODEL_FORMAT;
  /** Name in the catalogue: `var`. */
  system: string;
  preset?: string | undefined;
  /** Sizes of the parts; the system checks them. */
  parts: Record<string, Json>;
  training?: TrainingFacts | undefined;
  sampling?: SamplingDefaults | undefined;
  [key: string]: unknown;
}

const positive = z.number().positive();

export const modelConfigSchema: z.ZodType<ModelConfig> = z.looseObject({
  format: z.literal(MODEL_FORMAT, {
    error: `this Ordo reads format ${MODEL_FORMAT}; a newer one may read this file`,
  }),
  system: z.string().min(1),
  preset: z.string().min(1).optional(),
  parts: z.record(z.string(), z.json()),
  training: z
    .looseObject({
      data: z.array(z.string()).optional(),
      licence: z.string().optional(),
      steps: z.int().nonnegative().optional(),
      hours: z.number().nonnegative().optional(),
      hardware: z.string().optional(),
    })
    .optional(),
  sampling: z
    .strictObject({
      guidance: z.number().nonnegative().optional(),
      topK: z.int().nonnegative().optional(),
      topP: positive.max(1).optional(),
      temperature: positive.optional(),
    })
    .optional(),
});
