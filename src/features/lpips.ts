/** LPIPS v0.1 (Zhang et al. 2018) from the weights of torchvision and of the lpips package. */
import { requireParameters } from "../checkpoints/match-parameters.ts";
import { openCheckpoint } from "../checkpoints/open-checkpoint.ts";
import { toFloat32 } from "../checkpoints/tensor-data.ts";
import type { TensorFile } from "../checkpoints/tensor-file.ts";
import { CheckpointError } from "../errors.ts";
import type { Tensor } from "../graph/node.ts";
import { divide, subtract } from "../graph/ops/arithmetic.ts";
import { constant, input } from "../graph/ops/source.ts";
import { lpipsInput } from "../metrics/perceptual-distance.ts";
import { one } from "../nn/initializers.ts";
import { type ParameterSpecs, Scope } from "../nn/layer.ts";
import { type LpipsTrunk, lpipsTrunks } from "./lpips-trunks.ts";
import { mapDistance } from "./map-distance.ts";
import type { PairParts } from "./pair-network.ts";
import { runUnits } from "./units.ts";

/** Where the weights of LPIPS lie, in any format that holds them under the official names. */
export interface LpipsFiles {
  /** AlexNet or VGG16 of torchvision: `alexnet-owt-7be5be79.pth`, `vgg16-397923af.pth`. */
  readonly trunk: string;
  /** What the lpips package has learned on it: `weights/v0.1/alex.pth`, `…/vgg.pth`. */
  readonly heads: string;
}

/**
 * Reads LPIPS on the trunk whose weights the file holds.
 *
 * @throws CheckpointError if a file is of no such trunk, or lists every tensor that does not fit.
 */
export async function readLpips(files: LpipsFiles): Promise<PairParts> {
  const constants = new Map<string, Float32Array>();
  const trunk = await reading(files.trunk, async (file) => {
    const found = trunkOf(file);
    await readInto(constants, file, lpipsSpecs(found), "features.");
    return found;
  });
  await reading(files.heads, (file) => readInto(constants, file, lpipsSpecs(trunk), "lin"));
  return {
    name: `LPIPS[${trunk.name}]`,
    constants,
    distance: (scope, first, second) => lpipsDistance(trunk, scope, first, second),
  };
}

/** LPIPS [B] of pixels [B, 3, H, W] in [−1, 1]. */
export function lpipsDistance(
  trunk: LpipsTrunk,
  scope: Scope,
  first: Tensor,
  second: Tensor,
): Tensor {
  const maps = (pixels: Tensor) => trunkMaps(trunk, scope, lpipsScaled(pixels));
  const [ours, theirs] = [maps(first), maps(second)];
  const weights = ours.map(({ shape: [, channels] }, i) =>
    scope.parameter(`lin${i}.model.1.weight`, { shape: [1, channels as number, 1, 1], init: one }),
  );
  return mapDistance(ours, theirs, weights);
}

function lpipsScaled(pixels: Tensor): Tensor {
  const perChannel = (values: readonly number[]) =>
    constant(Float32Array.from(values), [1, 3, 1, 1]);
  const { shift, scale } = lpipsInput;
  return divide(subtract(pixels, perChannel(shift)), perChannel(scale));
}

function trunkMaps({ slices }: LpipsTrunk, scope: Scope, x: Tensor): Tensor[] {
  const maps: Tensor[] = [];
  for (const slice of slices) maps.push(runUnits(slice, scope, maps.at(-1) ?? x));
  return maps;
}

/** All parameters: `features.…` under torchvision's names, `lin….` under those of the lpips package. */
export function lpipsSpecs(trunk: LpipsTrunk): ParameterSpecs {
  const scope = new Scope();
  const pixels = input("pixels", "float32", [1, 3, 64, 64]);
  lpipsDistance(trunk, scope, pixels, pixels);
  return scope.specs;
}

function trunkOf(file: TensorFile): LpipsTrunk {
  const key = "features.0.weight";
  const shape = file.entries.find(({ name }) => name === key)?.shape;
  const first = (trunk: LpipsTrunk) => lpipsSpecs(trunk).get(key)!.shape.join(", ");
  const found = lpipsTrunks.find((trunk) => first(trunk) === shape?.join(", "));
  if (found) return found;
  const kernels = lpipsTrunks.map((trunk) => `[${first(trunk)}] (${trunk.name})`);
  throw new CheckpointError({
    where: file.path,
    expected: `torchvision's AlexNet or VGG16, with ${key} ${kernels.join(" or ")}`,
    got: shape ? `[${shape.join(", ")}]` : "no such tensor",
  });
}

async function reading<R>(path: string, use: (file: TensorFile) => Promise<R>): Promise<R> {
  const file = await openCheckpoint(path);
  return use(file).finally(() => file.close());
}

/** Reads what begins with `prefix`; the classifiers of torchvision's files are of no use here. */
async function readInto(
  values: Map<string, Float32Array>,
  file: TensorFile,
  specs: ParameterSpecs,
  prefix: string,
): Promise<void> {
  const expected = [...specs]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, { shape }]) => ({ name, shape }));
  const entries = file.entries.filter(({ name }) => name.startsWith(prefix));
  requireParameters(expected, entries, file.path);
  for (const { name } of expected) values.set(name, toFloat32(await file.read(name)));
}
