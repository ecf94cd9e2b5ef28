/** VAR against its official code: every tensor of a case, from pixels to sampled pixels. */
import { officialVarNames } from "../checkpoints/official-var.ts";
import { officialVarSettings } from "../checkpoints/official-var-settings.ts";
import { openParityTensors, type ParityCase } from "../checkpoints/parity-case.ts";
import { type TensorMap, toFloat32, toInt32 } from "../checkpoints/tensor-data.ts";
import { NextScaleSampler } from "../decoding/next-scale-sampler.ts";
import type { Tensor } from "../graph/node.ts";
import { input } from "../graph/ops/source.ts";
import { linearRamp } from "../guidance/schedule.ts";
import { Scope } from "../nn/layer.ts";
import { nextScalePredictor } from "../predictors/next-scale-predictor.ts";
import type { Device } from "../runtime/device.ts";
import type { NextScaleComposition } from "../systems/system.ts";
import { varSystem } from "../systems/var.ts";
import { clampPixels } from "../tokenizers/reconstruct.ts";
import { scaleTokenizer } from "../tokenizers/scale-tokenizer.ts";
import { teacherForcingInputs } from "../tokenizers/token-inputs.ts";
import { compareGraph } from "./compare-graph.ts";
import { compareFloats, compareIds, type ParityRow } from "./comparison.ts";
import { officialVarConfig } from "./official-var-config.ts";
import { type OfficialWeights, officialParameters } from "./official-weights.ts";

/**
 * Compares every tensor of the case.
 *
 * @throws CheckpointError if the case is damaged or weights are missing, wrong or surplus.
 */
export async function varParity(
  device: Device,
  parityCase: ParityCase,
  weights: OfficialWeights,
): Promise<ParityRow[]> {
  const config = officialVarConfig(officialVarSettings(parityCase));
  const file = await openParityTensors(parityCase);
  const reference = await file.readAll().finally(() => file.close());
  const composition = varSystem.compose(config, {});
  const tokenizer = traceTokenizer(composition, reference);
  const transformer = traceTransformer(composition, reference);
  const specs = new Map([...tokenizer.scope.specs, ...transformer.scope.specs]);
  const parameters = await officialParameters(weights, specs, officialVarNames);
  const traces = { tokenizer, transformer, parameters, reference };
  return [
    ...(await tokenizerRows(device, traces)),
    ...(await transformerRows(device, traces)),
    ...(await samplingRows(device, parityCase, composition, traces)),
  ];
}

interface Trace {
  readonly scope: Scope;
  readonly outputs: Record<string, Tensor>;
}

interface Traces {
  readonly tokenizer: Trace;
  readonly transformer: Trace;
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly reference: TensorMap;
}

function traceTokenizer({ tokenizer: options }: NextScaleComposition, reference: TensorMap): Trace {
  const scope = new Scope();
  const tokenizer = scaleTokenizer(options).bind(scope.child("tokenizer"));
  const latent = tokenizer.feature(input("image", "float32", reference.get("image")!.shape));
  const { ids, reconstructions } = tokenizer.quantizer.encode(latent);
  const last = reconstructions.length - 1;
  return {
    scope,
    outputs: {
      latent,
      ...Object.fromEntries(ids.map((tensor, k) => [`ids.${k}`, tensor])),
      "fhat.0": reconstructions[0]!,
      [`fhat.${last}`]: reconstructions[last]!,
      reconstruction: clampPixels(tokenizer.pixels(reconstructions[last]!)),
      var_input: teacherForcingInputs(tokenizer.quantizer, reconstructions),
    },
  };
}

function traceTransformer(composition: NextScaleComposition, reference: TensorMap): Trace {
  const { order, predictor, conditioning, tokenizer } = composition;
  const scope = new Scope();
  const bound = nextScalePredictor({
    ...predictor,
    order,
    latentChannels: tokenizer.latentChannels,
    conditioning,
  }).bind(scope);
  const [batch] = reference.get("label")!.shape as [number];
  const given = input("var_input", "float32", reference.get("var_input")!.shape);
  const condition = bound.condition(conditioning.inputs(batch));
  return { scope, outputs: { logits: bound.all(given, condition) } };
}

function tokenizerRows(device: Device, traces: Traces): Promise<ParityRow[]> {
  const { tokenizer, parameters, reference } = traces;
  const feeds = { image: toFloat32(reference.get("image")!) };
  return compareGraph(device, { ...tokenizer, feeds }, parameters, reference);
}

function transformerRows(device: Device, traces: Traces): Promise<ParityRow[]> {
  const { transformer, parameters, reference } = traces;
  const feeds = {
    var_input: toFloat32(reference.get("var_input")!),
    label: toInt32(reference.get("label")!, "label"),
  };
  return compareGraph(device, { ...transformer, feeds }, parameters, reference);
}

/** The sampler of the product, one picture of the case's batch after the other. */
async function samplingRows(
  device: Device,
  parityCase: ParityCase,
  composition: NextScaleComposition,
  { parameters, reference }: Traces,
): Promise<ParityRow[]> {
  const { sampling } = officialVarSettings(parityCase);
  const sampler = await NextScaleSampler.create(device, { ...composition, parameters });
  const collected = new Map<string, number[]>();
  const collect = (name: string, values: ArrayLike<number>) => {
    const list = collected.get(name) ?? [];
    for (let i = 0; i < values.length; i++) list.push(values[i]!);
    collected.set(name, list);
  };
  for (const label of toInt32(reference.get("label")!, "label")) {
    const steps = sampler.run({
      request: label,
      seed: 0,
      // the official t is added to 1 and ramps up from 0
      guidance: linearRamp({ from: 1, to: 1 + sampling.cfg }),
      topK: sampling.top_k,
      topP: 1,
      temperature: 1,
      logits: true,
    });
    for await (const step of steps) {
      collect(`sample_logits.${step.step}`, step.logits!);
      collect(`sample_ids.${step.step}`, step.ids);
      if (step.step === step.steps - 1) {
        collect(
          "sample_image",
          (await step.pixels()).map((x) => (x + 1) / 2),
        );
      }
    }
  }
  await sampler.close();
  return [...collected].map(([name, values]) =>
    name.startsWith("sample_ids")
      ? compareIds(name, values, reference.get(name)!)
      : compareFloats(name, Float32Array.from(values), reference.get(name)!),
  );
}
