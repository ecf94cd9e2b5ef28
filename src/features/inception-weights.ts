/** The published weights of FID's network: names as in torchvision, normalisations of their own. */
import { type ExpectedParameter, requireParameters } from "../checkpoints/match-parameters.ts";
import { openCheckpoint } from "../checkpoints/open-checkpoint.ts";
import { toFloat32 } from "../checkpoints/tensor-data.ts";
import type { TensorSource } from "../checkpoints/tensor-file.ts";
import type { ParameterSpecs } from "../nn/layer.ts";

/** ε of every batch normalisation. */
const EPSILON = 1e-3;

const NORM = ["weight", "bias", "running_mean", "running_var"] as const;

/** What the file holds for the traced parameters: a convolution has a normalisation, not a bias. */
export function officialInceptionParameters(specs: ParameterSpecs): ExpectedParameter[] {
  return [...specs].flatMap(([path, { shape }]) => {
    const [outputs] = shape as [number];
    if (path === "fc.weight")
      return [
        { name: path, shape },
        { name: "fc.bias", shape: [outputs] },
      ];
    const conv = convOf(path);
    if (conv === null) return [];
    return [
      { name: `${conv}.conv.weight`, shape },
      ...NORM.map((name) => ({ name: `${conv}.bn.${name}`, shape: [outputs] })),
    ];
  });
}

/** The path of a convolution from that of its weight; null for other parameters. */
function convOf(path: string): string | null {
  return path.endsWith(".weight") ? path.slice(0, -".weight".length) : null;
}

/**
 * Reads the weights from a file in any format that holds them under the official names.
 *
 * @throws CheckpointError listing every missing, surplus and wrongly shaped tensor.
 */
export async function readInceptionWeights(
  path: string,
  specs: ParameterSpecs,
): Promise<Map<string, Float32Array>> {
  const file = await openCheckpoint(path);
  try {
    const entries = file.entries.filter(({ name }) => !name.endsWith(".num_batches_tracked"));
    requireParameters(officialInceptionParameters(specs), entries, path);
    return await foldInception(file, specs);
  } finally {
    await file.close();
  }
}

/**
 * γ (w∗x − μ) / √(σ² + ε) + β as one convolution: its weight times γ / √(σ² + ε), and the bias
 * β − μ γ / √(σ² + ε).
 */
export async function foldInception(
  official: Pick<TensorSource, "read">,
  specs: ParameterSpecs,
): Promise<Map<string, Float32Array>> {
  const read = async (name: string) => toFloat32(await official.read(name));
  const folded = new Map([["fc.weight", await read("fc.weight")]]);
  for (const path of specs.keys()) {
    const conv = convOf(path);
    if (conv === null || path === "fc.weight") continue;
    const weight = (await read(`${conv}.conv.weight`)).slice();
    const norm = await Promise.all(NORM.map((name) => read(`${conv}.bn.${name}`)));
    const [gain, offset, means, variances] = norm as [Float32Array, ...Float32Array[]];
    const bias = new Float32Array(gain.length);
    const taps = weight.length / gain.length;
    for (let o = 0; o < gain.length; o++) {
      const factor = gain[o]! / Math.sqrt(variances![o]! + EPSILON);
      for (let i = o * taps; i < (o + 1) * taps; i++) weight[i]! *= factor;
      bias[o] = offset![o]! - means![o]! * factor;
    }
    folded.set(path, weight).set(`${conv}.bias`, bias);
  }
  return folded;
}
