/** Perceptual networks on a device: pairs of pictures through one network, their maps compared. */
import { ShapeError } from "../errors.ts";
import { namedDim } from "../graph/dim.ts";
import type { Tensor } from "../graph/node.ts";
import { input } from "../graph/ops/source.ts";
import { type Picture, toPixels } from "../images/picture.ts";
import { Scope } from "../nn/layer.ts";
import type { Device } from "../runtime/device.ts";
import { type CompiledFunction, compile } from "../runtime/function.ts";
import type { PerceptualNetwork } from "./feature-network.ts";
import { runsOfOneSize } from "./picture-runs.ts";

/** A perceptual network before it is on a device. */
export interface PairParts {
  readonly name: string;
  readonly constants: ReadonlyMap<string, Float32Array>;
  /** The distances [B] of pixels [B, 3, H, W] in [−1, 1]; the scope is where the constants are. */
  readonly distance: (scope: Scope, first: Tensor, second: Tensor) => Tensor;
}

/** Pixels of either side of the pairs that are in the graph at once: maps of 64 channels take 128 MB. */
const PIXELS_AT_ONCE = 2 ** 19;
/** Graphs that are kept: each knows one size. */
const SIZES_KEPT = 4;

interface Pair {
  readonly width: number;
  readonly height: number;
  readonly first: Picture;
  readonly second: Picture;
}

export function pairNetwork(device: Device, { name, ...parts }: PairParts): PerceptualNetwork {
  const compiled = new Map<string, CompiledFunction>();

  const compiledFor = async ({ width, height }: Pair): Promise<CompiledFunction> => {
    const size = `${width}x${height}`;
    const known = compiled.get(size);
    if (known) return known;
    const [oldest] = compiled;
    if (oldest && compiled.size >= SIZES_KEPT) {
      compiled.delete(oldest[0]);
      await oldest[1].release();
    }
    const shape = [namedDim("B"), 3, height, width];
    const distance = parts.distance(
      new Scope(),
      input("first", "float32", shape),
      input("second", "float32", shape),
    );
    const fn = await compile(device, name, { distance }, { constants: parts.constants });
    compiled.set(size, fn);
    return fn;
  };

  return {
    name,
    distances: async (first, second) => {
      const pairs = pairsOf(name, first, second);
      const distances = new Float64Array(pairs.length);
      let done = 0;
      for (const run of runsOfOneSize(pairs)) {
        const { width, height } = run[0]!;
        const batch = Math.max(1, Math.floor(PIXELS_AT_ONCE / (width * height)));
        const fn = await compiledFor(run[0]!);
        for (let start = 0; start < run.length; start += batch) {
          const some = run.slice(start, start + batch);
          const dims = [some.length, 3, height, width];
          const { distance } = await fn.run({
            first: { data: toPixels(some.map((pair) => pair.first)), dims },
            second: { data: toPixels(some.map((pair) => pair.second)), dims },
          });
          distances.set(distance!.data as Float32Array, done);
          done += some.length;
        }
      }
      return distances;
    },
    close: async () => {
      for (const fn of compiled.values()) await fn.release();
      compiled.clear();
    },
  };
}

function pairsOf(name: string, first: readonly Picture[], second: readonly Picture[]): Pair[] {
  const count = `${first.length} pictures`;
  if (first.length !== second.length) {
    throw new ShapeError({ where: name, expected: `twice ${count}`, got: String(second.length) });
  }
  return first.map((picture, i) => {
    const other = second[i]!;
    const { width, height } = picture;
    if (other.width === width && other.height === height) {
      return { width, height, first: picture, second: other };
    }
    throw new ShapeError({
      where: `${name}: pair ${i}`,
      expected: `two pictures of ${width}x${height}`,
      got: `${other.width}x${other.height}`,
    });
  });
}
