/**
 * What every sampler is to whoever draws pictures with it: one picture at a time, step by step, so
 * that picture i of a run does not depend on its neighbours. How steps are made is its own business.
 *
 * Axes: S tokens of a step · V codebook
 */
import type { Request } from "../conditioning/conditioning.ts";
import { ConfigError } from "../errors.ts";
import type { GuidanceSchedule } from "../guidance/schedule.ts";
import type { Picture } from "../images/picture.ts";

/** Tokens of one step that are given instead of drawn: ids, and 1 where they stay. */
export interface GivenTokens {
  readonly ids: Int32Array;
  readonly keep: Uint8Array;
}

/** Tokens of a picture that are vectors, [L, C], and 1 for each that stays. */
export interface KeptVectors {
  readonly tokens: Float32Array;
  readonly keep: Uint8Array;
}

export interface SamplingOptions {
  readonly request: Request;
  readonly seed: number;
  readonly guidance: GuidanceSchedule;
  /** Candidates per token; 0 or more than the codebook keeps all. */
  readonly topK: number;
  readonly topP: number;
  readonly temperature: number;
  /** For edits: what each step is given. */
  readonly given?: readonly GivenTokens[];
  /** The same where tokens are vectors, which are known from the start; the others are predicted. */
  readonly kept?: KeptVectors;
  /**
   * Go on from mixtures of codes instead of the drawn ones: smoother to look at, not for measuring.
   * The ids are the drawn ones all the same.
   */
  readonly smooth?: boolean;
  /** Hand out the guided logits of every step, for parity checks. */
  readonly logits?: boolean;
  readonly signal?: AbortSignal;
}

export interface SamplingStep {
  readonly step: number;
  readonly steps: number;
  /** Codes of the step's tokens; absent where tokens are no codes. */
  readonly ids?: Int32Array;
  /** What was drawn before given tokens took their places. */
  readonly drawn?: Int32Array;
  /** Guided logits [S, V], if they were asked for. */
  readonly logits?: Float32Array;
  /** The picture as far as it is known. */
  picture(): Promise<Picture>;
  /** The same as float32 [3, H, W] in [−1, 1]. */
  pixels(): Promise<Float32Array>;
}

/** A step of a model whose tokens are codes. */
export type CodeStep = SamplingStep & Required<Pick<SamplingStep, "ids" | "drawn">>;

/** How a sampler is prepared. */
export interface SamplerOptions {
  /** Path prefix of the engine's profiles, for benchmarks; none are written without it. */
  readonly profile?: string;
  /**
   * Whether weights are copied into the order in which the engine's kernels read them; default true.
   * Without, a large next-scale model in float32 is ready 1 to 3 s sooner and has its weights in
   * memory once, but each picture takes 3 to 4 % longer, and sums are rounded in another order. Others
   * make many small steps, which read copies twice as fast: they take no notice.
   */
  readonly prepack?: boolean;
}

export interface PictureSampler {
  /**
   * Makes one picture, step by step. The events' pictures must be asked for before going on.
   *
   * @throws ConfigError for a request the model cannot express and for settings out of range; the
   * signal's reason if it aborts.
   */
  run(options: SamplingOptions): AsyncGenerator<SamplingStep>;
  /** Writes the engine's profiles, if any were asked for. */
  endProfiling(): Promise<void>;
  close(): Promise<void>;
}

/** @throws ConfigError that lists every setting out of range. */
export function requireSettings({ topK, topP, temperature }: SamplingOptions): void {
  const faults: string[] = [];
  if (!(Number.isInteger(topK) && topK >= 0)) faults.push(`top-k ${topK}`);
  if (!(topP > 0 && topP <= 1)) faults.push(`top-p ${topP}`);
  if (!(temperature > 0 && temperature < Infinity)) faults.push(`temperature ${temperature}`);
  if (faults.length === 0) return;
  throw new ConfigError({
    where: "sampling",
    expected:
      "a whole top-k (0 for no limit), top-p above 0 and up to 1, and a temperature above 0",
    got: faults.join(", "),
    hint: "For the most probable tokens alone use top-k 1.",
  });
}

/** The tokens of a step, with given ones in their places. */
export function keepGiven(drawn: Int32Array, given: GivenTokens | undefined): Int32Array {
  return given ? drawn.map((id, i) => (given.keep[i] ? given.ids[i]! : id)) : drawn;
}
