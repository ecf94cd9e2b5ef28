/** Compiles one step of decoding so that what depends on the request alone is computed once. */
import type { Conditioning } from "../conditioning/conditioning.ts";
import { type FileValues, type Floats, lieInFile } from "../floats.ts";
import { invariantTensors } from "../graph/invariant.ts";
import type { Tensor } from "../graph/node.ts";
import type { PackedMatrices, PackedValues } from "../nn/matrix-format.ts";
import type { Device } from "../runtime/device.ts";
import { type CompiledFunction, compile } from "../runtime/function.ts";

export interface StepFunctions {
  /** Computes once for a picture what depends on its request alone. */
  readonly condition: CompiledFunction;
  readonly step: CompiledFunction;
}

export interface StepGraph {
  readonly outputs: Record<string, Tensor>;
  /** The longer caches: result name → state name. */
  readonly stores: Map<string, string>;
  /** Caches that may lie where the one of the block before lay (`CompileOptions.chains`). */
  readonly chains?: readonly (readonly string[])[];
}

export interface StepOptions {
  /** Path prefix of the engine's profiles, for benchmarks. */
  readonly profile?: string;
  /**
   * Use float32 matrices where they lie in their file, instead of copies in the order in which kernels
   * read them: a step is ready sooner, and takes a little longer.
   */
  readonly unpacked?: boolean;
}

/** A model's weights, as its graphs take them. */
export interface StepWeights {
  /** Of the tokenizer and of the transformer, by path. */
  readonly parameters: ReadonlyMap<string, Floats>;
  readonly matrices?: PackedMatrices;
}

/** Both functions of a step graph. */
export async function compileStep(
  device: Device,
  { outputs, stores, chains }: StepGraph,
  model: StepWeights & { readonly conditioning: Conditioning },
  { profile, unpacked = false }: StepOptions = {},
): Promise<StepFunctions> {
  const constants = constantsOf(model);
  const fixed = new Set(Object.keys(model.conditioning.feeds([null]).feeds));
  const tensors = invariantTensors(Object.values(outputs), fixed);
  const given = new Map(tensors.map((tensor, i) => [tensor, `condition ${i}`]));
  const condition = await compile(device, "condition", resultsOf(given), {
    constants,
    mayNarrow: true,
    // read once for a picture, by one or two rows: packing would take longer and double it
    unpacked: !hasBlocks(model),
    stores: new Map([...given.values()].map((name) => [`new ${name}`, name])),
  });
  const step = await compile(device, "step", outputs, {
    constants,
    mayNarrow: true,
    stores,
    given,
    unpacked: unpacked && liesInFiles(model),
    ...(chains && { chains }),
    ...(profile && { profile: `${profile}-step` }),
  });
  return { condition, step };
}

/** All weights, with the smaller form of those that have one. */
export function constantsOf({
  parameters,
  matrices,
}: StepWeights): ReadonlyMap<string, PackedValues | FileValues> {
  return new Map<string, PackedValues | FileValues>([...parameters, ...(matrices?.values ?? [])]);
}

/** Without packing, the kernel for blocks makes whole matrices float32 in every run. */
function hasBlocks({ matrices }: StepWeights): boolean {
  return matrices !== undefined && /blocks$/.test(matrices.format);
}

/** Whether matrices are float32 in files: from memory they are packed once, and nothing else is left. */
function liesInFiles({ matrices, parameters }: StepWeights): boolean {
  return matrices === undefined && [...parameters.values()].some((values) => lieInFile(values));
}

function resultsOf(given: ReadonlyMap<Tensor, string>): Record<string, Tensor> {
  return Object.fromEntries([...given].map(([tensor, name]) => [`new ${name}`, tensor]));
}

/** Step functions by what they are compiled for, each made when it is first needed. */
export class StepCache<Variant> {
  readonly #compile: (variant: Variant) => Promise<StepFunctions>;
  readonly #known = new Map<string, Promise<StepFunctions>>();

  constructor(compile: (variant: Variant) => Promise<StepFunctions>) {
    this.#compile = compile;
  }

  get(variant: Variant): Promise<StepFunctions> {
    const key = JSON.stringify(variant);
    const known = this.#known.get(key) ?? this.#compile(variant);
    this.#known.set(key, known);
    return known;
  }

  async endProfiling(): Promise<void> {
    for (const functions of this.#known.values()) (await functions).step.endProfiling();
  }

  async release(): Promise<void> {
    for (const functions of this.#known.values()) {
      const { condition, step } = await functions;
      await condition.release();
      await step.release();
    }
    this.#known.clear();
  }
}
