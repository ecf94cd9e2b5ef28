import type { z } from "zod";
import type { ModelConfig } from "./model-config.ts";
import type { TensorFile } from "./tensor-file.ts";

/** What a model is loaded from, wherever its files lie. Every function throws CheckpointError. */
export interface ModelFiles {
  readonly name: string;
  readonly config: ModelConfig;
  /** Where a file lies or would lie, for errors. */
  where(file: string): string;
  /** `model.safetensors` or its shards, to be closed by the caller. */
  openWeights(): Promise<TensorFile>;
  /** `tokenizer.safetensors`; null if there is none. */
  openTokenizer(): Promise<TensorFile | null>;
  /** Another JSON file, such as `vocabulary.json`. */
  readJson<T>(file: string, schema: z.ZodType<T>): Promise<T>;
  /** The same; null if there is no such file. */
  findJson<T>(file: string, schema: z.ZodType<T>): Promise<T | null>;
}
