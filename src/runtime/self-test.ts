/** Whether a device computes right, and how fast it multiplies matrices; in about two seconds. */

import { layerNorm } from "../graph/ops/norm.ts";
import { linearProduct } from "../graph/ops/product.ts";
import { softmax } from "../graph/ops/softmax.ts";
import { input, parameter } from "../graph/ops/source.ts";
import { random } from "../random/random.ts";
import type { Device } from "./device.ts";
import { compile } from "./function.ts";
import { DeviceState } from "./handle.ts";

export interface SelfTest {
  /** Largest error of a product, a normalisation and a softmax against float64. */
  readonly error: number;
  readonly right: boolean;
  /** float32 matrix products, 10⁹ operations per second. */
  readonly gflops: number;
}

export interface SelfTestOptions {
  /** Time for the matrix rate. */
  readonly budgetMs?: number;
  readonly clock?: () => number;
}

const TOLERANCE = 1e-4;
const LARGEST_SIDE = 4096;

export async function selfTest(device: Device, options: SelfTestOptions = {}): Promise<SelfTest> {
  const error = await errorOf(device);
  const gflops = await rateOf(device, options);
  return { error, right: error <= TOLERANCE, gflops };
}

/** softmax(layerNorm(x·Wᵀ)) against the same in float64. */
async function errorOf(device: Device): Promise<number> {
  const [rows, inner, columns] = [6, 40, 24];
  const draw = random(1, "self-test");
  const [x, w] = [draw.normals(rows * inner), draw.normals(columns * inner)];
  const product = linearProduct(
    input("x", "float32", [rows, inner]),
    parameter("w", [columns, inner]),
  );
  const y = softmax(layerNorm(product, EPSILON), 1);
  const fn = await compile(device, "self-test", { y });
  try {
    const { y: found } = await fn.run({ x, w });
    const wanted = reference(x, w, { rows, inner, columns });
    return Math.max(...wanted.map((value, i) => Math.abs(Number(found!.data[i]) - value)));
  } finally {
    await fn.release();
  }
}

const EPSILON = 1e-6;

interface Sizes {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

function reference(x: Float32Array, w: Float32Array, { rows, inner, columns }: Sizes): number[] {
  const row = (i: number) => {
    const products = Array.from({ length: columns }, (_, j) => {
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += x[i * inner + k]! * w[j * inner + k]!;
      return sum;
    });
    const mean = products.reduce((a, b) => a + b, 0) / columns;
    const variance = products.reduce((a, b) => a + (b - mean) ** 2, 0) / columns;
    const powers = products.map((p) => Math.exp((p - mean) / Math.sqrt(variance + EPSILON)));
    const total = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / total);
  };
  return Array.from({ length: rows }, (_, i) => row(i)).flat();
}

/** Squares of growing size, as long as the time lasts; the best rate counts. */
async function rateOf(
  device: Device,
  { budgetMs = 1500, clock = () => performance.now() }: SelfTestOptions,
): Promise<number> {
  const start = clock();
  let best = 0;
  let last = 0;
  // twice the side is eight times the work, in three runs
  for (let side = 128; side <= LARGEST_SIDE; side *= 2) {
    if (side > 128 && clock() - start + 3 * 8 * last > budgetMs) break;
    last = await squareMs(device, side, clock);
    best = Math.max(best, (2 * side ** 3) / last / 1e6);
  }
  return best;
}

/** The best time of two products after one that is not counted, which compiles kernels. */
async function squareMs(device: Device, side: number, clock: () => number): Promise<number> {
  const y = linearProduct(input("x", "float32", [side, side]), parameter("w", [side, side]));
  const stores = new Map([["y", "y"]]);
  const w = random(1, "self-test", side).normals(side * side);
  const fn = await compile(device, "square", { y }, { stores, constants: new Map([["w", w]]) });
  const state = new DeviceState();
  try {
    state.set("x", await device.upload("float32", [side, side], w));
    const times: number[] = [];
    for (let run = 0; run < 3; run++) {
      const before = clock();
      await fn.run({}, state);
      await device.settle();
      times.push(clock() - before);
    }
    return Math.min(...times.slice(1));
  } finally {
    state.dispose();
    await fn.release();
  }
}
