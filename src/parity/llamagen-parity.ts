/** LlamaGen against its official code: every tensor of a case, from pixels to sampled pixels. */
import { officialLlamaGenNames } from "../checkpoints/official-llamagen.ts";
import { officialLlamaGenSettings } from "../checkpoints/official-llamagen-settings.ts";
import { openParityTensors, type ParityCase } from "../checkpoints/parity-case.ts";
import { type TensorData, type TensorMap, toFloat32, toInt32 } from "../checkpoints/tensor-data.ts";
import type { Request } from "../conditioning/conditioning.ts";
import { NextTokenSampler } from "../decoding/next-token-sampler.ts";
import { reshape } from "../graph/ops/layout.ts";
import { input } from "../graph/ops/source.ts";
import { constant } from "../guidance/schedule.ts";
import { Scope } from "../nn/layer.ts";
import { nextTokenPredictor } from "../predictors/next-token-predictor.ts";
import type { Device } from "../runtime/device.ts";
import { llamaGenSystem } from "../systems/llamagen.ts";
import type { NextTokenComposition } from "../systems/system.ts";
import { vqTokenizer } from "../tokenizers/vq-tokenizer.ts";
import { type ComparedGraph, compareGraph } from "./compare-graph.ts";
import { compareFloats, compareIds, type ParityRow } from "./comparison.ts";
import { officialLlamaGenConfig } from "./official-llamagen-config.ts";
import { type OfficialWeights, officialParameters } from "./official-weights.ts";

/**
 * Compares every tensor of the case.
 *
 * @throws CheckpointError if the case is damaged or weights are missing, wrong or surplus.
 */
export async function llamaGenParity(
  device: Device,
  parityCase: ParityCase,
  weights: OfficialWeights,
): Promise<ParityRow[]> {
  const settings = officialLlamaGenSettings(parityCase);
  const composition = llamaGenSystem.compose(officialLlamaGenConfig(settings), {});
  const file = await openParityTensors(parityCase);
  const reference = await file.readAll().finally(() => file.close());
  const requests = requestsOf(reference);
  const scope = new Scope();
  const traces = [
    traceTokenizer(scope, composition, reference),
    // the case's pass over all tokens had no mask: captions were read with what pads them
    traceTransformer(scope, composition, reference, requestsOf(reference, { padded: true })),
  ];
  const names = officialLlamaGenNames(composition.tokenizer.multipliers.length);
  const constants = await officialParameters(weights, scope.specs, names);
  const rows: ParityRow[] = [];
  for (const trace of traces) {
    rows.push(...(await compareGraph(device, trace, constants, reference)));
  }
  const model = { ...composition, parameters: constants };
  const sampler = await NextTokenSampler.create(device, model);
  const sampled = await sampleAll(sampler, requests, settings.sampling);
  await sampler.close();
  return [
    ...rows,
    compareFloats("sample_logits", sampled.logits, reference.get("sample_logits")!),
    compareIds("sample_ids", sampled.ids, reference.get("sample_ids")!),
    compareFloats("sample_image", sampled.pixels, clamped(reference.get("sample_image")!)),
  ];
}

/** The labels of the case's batch, or its captions, without what pads them unless it is asked for. */
function requestsOf(reference: TensorMap, { padded = false } = {}): Request[] {
  const labels = reference.get("label");
  if (labels) return [...toInt32(labels, "label")];
  const captions = reference.get("caption")!;
  const [batch, length, channels] = captions.shape as [number, number, number];
  const features = toFloat32(captions);
  const valid = toInt32(reference.get("caption_mask")!, "caption_mask");
  return Array.from({ length: batch }, (_, row) => {
    const own = valid.subarray(row * length, (row + 1) * length);
    const count = padded ? length : own.reduce((a, b) => a + b, 0);
    const end = (row + 1) * length * channels;
    return { features: features.slice(end - count * channels, end) };
  });
}

function traceTokenizer(
  scope: Scope,
  { tokenizer: options }: NextTokenComposition,
  reference: TensorMap,
): ComparedGraph {
  const { feature, quantizer, pixels } = vqTokenizer(options).bind(scope.child("tokenizer"));
  const image = reference.get("image")!;
  const { height, width } = options.grid;
  const latent = feature(input("image", "float32", image.shape));
  const { ids, codes } = quantizer.encode(latent);
  const given = input("given", "int32", [image.shape[0]!, height * width]);
  const decoded = pixels(quantizer.codes(reshape(given, [image.shape[0]!, height, width])));
  return {
    outputs: { latent, ids, quantised: codes, reconstruction: pixels(codes), decoded },
    feeds: { image: toFloat32(image), given: toInt32(reference.get("ids")!, "ids") },
  };
}

function traceTransformer(
  scope: Scope,
  { order, predictor, conditioning, tokenizer }: NextTokenComposition,
  reference: TensorMap,
  requests: readonly Request[],
): ComparedGraph {
  const { grid } = tokenizer;
  const bound = nextTokenPredictor({ ...predictor, order, grid, conditioning }).bind(scope);
  const ids = toInt32(reference.get("ids")!, "ids");
  const count = order.tokenCount;
  const batch = requests.length;
  const logits = bound.all(input("read", "int32", [batch, count - 1]), conditioning.inputs(batch));
  const read = ids.filter((_, i) => i % count < count - 1);
  return { outputs: { logits }, feeds: { read, ...conditioning.feeds(requests).feeds } };
}

/** The official sampler leaves it to others to cut pixels off; `decoded` compares those outside. */
function clamped(tensor: TensorData): TensorData {
  const data = toFloat32(tensor).map((x) => Math.min(1, Math.max(-1, x)));
  return { dtype: "float32", shape: tensor.shape, data };
}

interface Sampled {
  readonly logits: Float32Array;
  readonly ids: Int32Array;
  readonly pixels: Float32Array;
}

/** The sampler of the product, one picture of the case's batch after the other. */
async function sampleAll(
  sampler: NextTokenSampler,
  requests: readonly Request[],
  settings: { readonly cfg_scale: number; readonly top_k: number },
): Promise<Sampled> {
  const logits: number[] = [];
  const ids: number[] = [];
  const pixels: number[] = [];
  for (const request of requests) {
    const steps = sampler.run({
      request,
      seed: 0,
      guidance: constant(settings.cfg_scale),
      topK: settings.top_k,
      topP: 1,
      temperature: 1,
      logits: true,
    });
    for await (const step of steps) {
      logits.push(...step.logits!);
      ids.push(...step.ids);
      if (step.step === step.steps - 1) pixels.push(...(await step.pixels()));
    }
  }
  return {
    logits: Float32Array.from(logits),
    ids: Int32Array.from(ids),
    pixels: Float32Array.from(pixels),
  };
}
