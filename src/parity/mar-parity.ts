/** MAR against its official code: one masked forward pass, the head with its losses, and samples. */
import { officialMarNames } from "../checkpoints/official-mar.ts";
import { officialMarSettings } from "../checkpoints/official-mar-settings.ts";
import { openParityTensors, type ParityCase } from "../checkpoints/parity-case.ts";
import { ruleUniforms } from "../checkpoints/rule-weights.ts";
import { type TensorMap, toFloat32, toInt32 } from "../checkpoints/tensor-data.ts";
import { MaskedSampler } from "../decoding/masked-sampler.ts";
import { headOf } from "../decoding/masked-step.ts";
import type { Tensor } from "../graph/node.ts";
import { add } from "../graph/ops/arithmetic.ts";
import { lookup } from "../graph/ops/indexing.ts";
import { concat, reshape } from "../graph/ops/layout.ts";
import { input } from "../graph/ops/source.ts";
import { constant, revealed } from "../guidance/schedule.ts";
import { diffusionLoss } from "../heads/diffusion-loss.ts";
import { cosineSchedule } from "../heads/diffusion-schedule.ts";
import { Scope } from "../nn/layer.ts";
import { maskedPredictor, slotRows } from "../predictors/masked-encoder-decoder.ts";
import type { Device } from "../runtime/device.ts";
import { compile } from "../runtime/function.ts";
import { marSystem } from "../systems/mar.ts";
import type { MaskedComposition } from "../systems/system.ts";
import {
  type KlAutoencoderOptions,
  latentOf,
  tokenSizes,
  tokensOf,
} from "../tokenizers/kl-autoencoder.ts";
import { type ComparedGraph, compareGraph } from "./compare-graph.ts";
import { compareFloats, type ParityRow } from "./comparison.ts";
import { officialMarConfig } from "./official-mar-config.ts";
import { type OfficialWeights, officialParameters } from "./official-weights.ts";

/**
 * Compares every tensor of the case.
 *
 * @throws CheckpointError if the case is damaged or weights are missing, wrong or surplus.
 */
export async function marParity(
  device: Device,
  parityCase: ParityCase,
  weights: OfficialWeights,
): Promise<ParityRow[]> {
  const config = officialMarConfig(officialMarSettings(parityCase));
  const composition = constructed(marSystem.compose(config, {}));
  const file = await openParityTensors(parityCase);
  const reference = await file.readAll().finally(() => file.close());
  const scope = new Scope();
  const traces = [
    traceForward(scope, composition, reference),
    traceHead(scope, composition, reference),
  ];
  const constants = await officialParameters(weights, scope.specs, officialMarNames);
  const rows: ParityRow[] = [];
  for (const trace of traces) {
    rows.push(...(await compareGraph(device, trace, constants, reference)));
  }
  const sampled = await sampleAll(device, parityCase, { composition, constants, reference });
  return [...rows, compareFloats("sample", sampled, reference.get("sample")!, SAMPLE_TOLERANCE)];
}

/** A hundred draws amplify what rounding does to the first one. */
const SAMPLE_TOLERANCE = 1e-3;

/** Cases are made by the constructor, whose normalisations add 1e-5; the released models add 1e-6. */
function constructed(composition: MaskedComposition): MaskedComposition {
  return { ...composition, predictor: { ...composition.predictor, epsilon: 1e-5 } };
}

function traceForward(
  scope: Scope,
  { tokenizer, predictor, conditioning }: MaskedComposition,
  reference: TensorMap,
): ComparedGraph {
  const { classSlots } = predictor;
  const tokens = tokenSizes(tokenizer);
  const bound = maskedPredictor({ ...predictor, tokens, conditioning }).bind(scope);
  const mask = reference.get("mask")!;
  const [batch, count] = mask.shape as [number, number];
  const cells = knownCells(toFloat32(mask), count);
  const known = cells.length / batch;
  const latent = reference.get("latent")!;
  const patches = tokensOf(input("latent", "float32", latent.shape), tokenizer);
  const table = reshape(patches, [batch * count, tokens.channels]);
  const encoder = bound.encode(
    {
      tokens: lookup(table, input("rows", "int32", [batch, known])),
      cells: input("cells", "int32", [batch, known]),
    },
    bound.condition(conditioning.inputs(batch)),
  );
  const decoder = bound.decode(encoder, input("slots", "int32", [batch, classSlots + count]));
  return {
    outputs: { patches, encoder: encoder.rows, decoder },
    feeds: {
      latent: toFloat32(latent),
      rows: cells.map((cell, i) => Math.floor(i / known) * count + cell),
      cells,
      slots: slotRows(cells, { batch, known, count, classSlots }),
      label: toInt32(reference.get("label")!, "label"),
    },
  };
}

/** Where the mask is 0, row by row. */
function knownCells(mask: Float32Array, count: number): Int32Array {
  const known = [...mask.keys()].filter((i) => mask[i] === 0);
  return Int32Array.from(known, (i) => i % count);
}

function traceHead(
  scope: Scope,
  composition: MaskedComposition,
  reference: TensorMap,
): ComparedGraph {
  const bound = headOf(composition, scope);
  const schedule = cosineSchedule();
  const given = (name: string) => input(name, "float32", reference.get(name)!.shape);
  const [count] = reference.get("head_t")!.shape as [number];
  const [tokens, hidden, noise] = [given("head_x"), given("head_c"), given("loss_noise")];
  const times = input("head_t", "int32", [count]);
  const condition = bound.condition(hidden);
  const steering = add(lookup(bound.times(schedule.timesteps), times), condition);
  const denoised = bound.denoise(tokens, steering);
  const losses = diffusionLoss(bound, schedule, { tokens, condition, times, noise });
  const flat = (x: Tensor) => reshape(x, [count]);
  return {
    outputs: {
      head_out: concat([denoised.noise, denoised.variance], 1),
      loss: flat(losses.loss),
      loss_mse: flat(losses.squaredError),
      loss_vb: flat(losses.bound),
    },
    feeds: {
      head_x: toFloat32(reference.get("head_x")!),
      head_c: toFloat32(reference.get("head_c")!),
      loss_noise: toFloat32(reference.get("loss_noise")!),
      head_t: toInt32(reference.get("head_t")!, "head_t"),
    },
  };
}

interface SamplingFacts {
  readonly composition: MaskedComposition;
  readonly constants: ReadonlyMap<string, Float32Array>;
  readonly reference: TensorMap;
}

/** The sampler of the product, one picture of the case's batch after the other: latents [B, Z, h, w]. */
async function sampleAll(
  device: Device,
  parityCase: ParityCase,
  { composition, constants: parameters, reference }: SamplingFacts,
): Promise<Float32Array> {
  const { cfg, cfg_schedule, temperature, batch } = officialMarSettings(parityCase).sampling;
  const { count: length } = tokenSizes(composition.tokenizer);
  const sampler = await MaskedSampler.create(device, { ...composition, parameters });
  const guidance = cfg_schedule === "linear" ? revealed(cfg) : constant(cfg);
  const orders = toInt32(reference.get("orders")!, "orders");
  const labels = toInt32(reference.get("label")!, "label");
  const draws = composition.head.steps + 1;
  const pictures: Float32Array[] = [];
  for (let b = 0; b < batch; b++) {
    const steps = sampler.run({
      request: labels[b]!,
      seed: 0,
      guidance,
      topK: 0,
      topP: 1,
      temperature,
      permutation: orders.slice(b * length, (b + 1) * length),
      // rows of the batch follow one another, the conditional branch before the other
      noise: (step, draw, count) => {
        const all = gaussians(parityCase.seed, 1000 + step * draws + draw, batch * count);
        return all.slice(b * count, (b + 1) * count);
      },
    });
    let last: Float32Array | undefined;
    for await (const step of steps) {
      if (step.step === step.steps - 1) last = await step.tokens();
    }
    pictures.push(last!);
  }
  await sampler.close();
  return latentsOf(device, composition.tokenizer, pictures);
}

/** The case's rule for standard normal numbers. */
function gaussians(seed: number, draw: number, count: number): Float32Array {
  const [a, b] = ["a", "b"].map((half) => ruleUniforms(`${seed}:noise.${draw}.${half}`, count));
  return Float32Array.from(
    { length: count },
    (_, i) => Math.sqrt(-2 * Math.log(a![i]! + 1e-12)) * Math.cos(2 * Math.PI * b![i]!),
  );
}

async function latentsOf(
  device: Device,
  options: KlAutoencoderOptions,
  pictures: readonly Float32Array[],
): Promise<Float32Array> {
  const { count, channels } = tokenSizes(options);
  const shape = [pictures.length, count, channels];
  const outputs = { latents: latentOf(input("tokens", "float32", shape), options) };
  const fn = await compile(device, "latents", outputs);
  const { latents } = await fn.run({ tokens: Float32Array.from(pictures.flatMap((x) => [...x])) });
  await fn.release();
  return latents!.data as Float32Array;
}
