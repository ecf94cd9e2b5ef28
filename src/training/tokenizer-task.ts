/**
 * Training of a tokenizer whose tokens are codes (sheet var, "Training" and "Quantiser"; sheet llamagen,
 * "Tokenizer").
 */
import { ConfigError } from "../errors.ts";
import { add } from "../graph/ops/arithmetic.ts";
import { input } from "../graph/ops/source.ts";
import { Scope } from "../nn/layer.ts";
import { random } from "../random/random.ts";
import { LAST_WEIGHT } from "../tokenizers/autoencoder.ts";
import { afterRevival, deadCodes, reviveCodes } from "../tokenizers/codebook-revival.ts";
import {
  type QuantizerWeights,
  type TokenizerOptions,
  tokenizerOf,
} from "../tokenizers/tokenizer.ts";
import { withAdversary } from "./adversary.ts";
import { slot } from "./optimizer.ts";
import { type PictureLossOptions, pictureLosses } from "./picture-losses.ts";
import { reconstructionPreview } from "./reconstruction-preview.ts";
import type { RunFacts, TrainingTask } from "./task.ts";
import type { Trainer } from "./trainer.ts";

export interface TokenizerTaskOptions extends PictureLossOptions {
  readonly tokenizer: TokenizerOptions;
  readonly batchSize: number;
  readonly seed: number;
  readonly quantizer: QuantizerWeights;
  /** Dead codes are replaced every so many steps, until the given share of the run. */
  readonly revival: { readonly every: number; readonly until: number; readonly threshold: number };
  readonly steps: number;
  /** Pictures for the preview, float32 [N, 3, H, W]. */
  readonly examples: Float32Array;
  readonly save: (
    folder: string,
    parameters: ReadonlyMap<string, Float32Array>,
    facts: RunFacts,
  ) => Promise<void>;
}

/** Hits of a code are averaged over about 50 steps. */
const HITS_KEPT = 0.98;

/** @throws ConfigError if the tokens are no codes. */
export function tokenizerTask(options: TokenizerTaskOptions): TrainingTask {
  const { tokenizer: sizes, batchSize, adversary, revival } = options;
  const { size, codebookSize: codes = 0, bind } = tokenizerOf(sizes);
  const { height, width } = size;
  const scope = new Scope();
  const own = scope.child("tokenizer");
  const pixels = input("pixels", "float32", [batchSize, 3, height, width]);
  const traced = bind(own).train?.(pixels, options.quantizer);
  if (!traced) throw noCodes();
  const { ids, vectors, loss: quantizer } = traced;
  const codebook = { path: own.child(traced.codebook).path, codes };
  const matching = pictureLosses(traced.pixels, pixels, options);
  let hits = new Float32Array(codes);
  const task: TrainingTask = {
    graph: {
      name: "tokenizer",
      scope,
      loss: add(matching.loss, quantizer),
      frozen: matching.frozen,
      metrics: {
        ...matching.metrics,
        quantizer,
        ids,
        vectors,
      },
      decayExempt: ["codebook"],
    },
    feeds: async (batch) => ({ pixels: batch.pixels }),
    report: ({ metrics }) => ({
      ...matching.report(metrics),
      quantizer: metrics.quantizer![0] as number,
      used: 1 - deadCodes(hits, revival.threshold).length / hits.length,
    }),
    afterStep: async (trainer, { step, result }) => {
      hits = averagedHits(hits, result.metrics.ids as BigInt64Array);
      const due = (step + 1) % revival.every === 0 && step < revival.until * options.steps;
      if (!due) return;
      const candidates = result.metrics.vectors as Float32Array;
      hits = await revive(trainer, candidates, hits, { ...options, codebook }, step);
    },
    state: () => new Map([["hits", hits]]),
    restore: (state) => {
      hits = Float32Array.from(state.get("hits")!);
    },
    preview: reconstructionPreview(sizes, options.examples),
    save: options.save,
  };
  if (!adversary) return task;
  const judged = {
    picture: pixels,
    reconstruction: traced.pixels,
    matching: matching.loss,
    lastLayer: own.child(LAST_WEIGHT).path,
  };
  return withAdversary(task, judged, adversary);
}

/** The average hits per step, with one step more. */
function averagedHits(hits: Float32Array, ids: BigInt64Array): Float32Array<ArrayBuffer> {
  const next = hits.map((count) => count * HITS_KEPT);
  for (const id of ids) next[Number(id)]! += 1 - HITS_KEPT;
  return next as Float32Array<ArrayBuffer>;
}

interface RevivalOptions extends Pick<TokenizerTaskOptions, "revival" | "seed"> {
  readonly codebook: { readonly path: string; readonly codes: number };
}

/** Overwrites dead codes by what the encoder gave and no code was near to. */
async function revive(
  trainer: Trainer,
  candidates: Float32Array,
  hits: Float32Array<ArrayBuffer>,
  { codebook, revival: { threshold }, seed }: RevivalOptions,
  step: number,
): Promise<Float32Array<ArrayBuffer>> {
  const { path, codes } = codebook;
  const channels = trainer.specs.get(path)!.shape[1]!;
  const revivals = reviveCodes({
    hits,
    threshold,
    candidates,
    channels,
    random: random(seed, "revive", step),
  });
  if (revivals.length === 0) return hits;
  // old moments would push the new code where the dead one was going
  for (const name of [path, slot.first(path), slot.average(path)]) {
    if (!trainer.state.get(name)) continue;
    const values = await trainer.readOne(name);
    for (const { code, vector } of revivals) {
      values.set(name === slot.first(path) ? new Float32Array(channels) : vector, code * channels);
    }
    await trainer.write(name, [codes, channels], values);
  }
  return afterRevival(hits, revivals, {
    codes,
    hitsOfRevived: 2 * threshold,
  }) as Float32Array<ArrayBuffer>;
}

function noCodes(): ConfigError {
  const [where, expected] = ["tokenizer", "a tokenizer whose tokens are codes"];
  return new ConfigError({ where, expected, got: "one whose tokens are vectors" });
}
