/**
 * What this machine can do at best, in the same minutes as a workload: the rate of float32 matrix
 * products with constant weights, which the engine packs beforehand (ENGINE 3), and the rate of
 * reading memory. Other rates are told as ratios to these.
 */
import type { Tensor } from "../graph/node.ts";
import { linearProduct } from "../graph/ops/product.ts";
import { sum } from "../graph/ops/reduce.ts";
import { input, parameter } from "../graph/ops/source.ts";
import { random } from "../random/random.ts";
import type { Device } from "../runtime/device.ts";
import { type CompileOptions, compile } from "../runtime/function.ts";
import { DeviceState } from "../runtime/handle.ts";
import type { Timing } from "./measure.ts";

/** Rows of the input, columns of the input, columns of the result. */
export type ProductShape = readonly [rows: number, inner: number, columns: number];

/** The products of a transformer's step, a square one, and one as a convolution makes it. */
export const productShapes: readonly ProductShape[] = [
  [1024, 512, 2048],
  [1024, 2048, 512],
  [1024, 1024, 1024],
  [2048, 1152, 512],
];

/**
 * Products of one measurement: it then lasts about as long as a training step, and meets as many of
 * the machine's disturbances.
 */
const PRODUCTS = 8;

/** 64 MB: more than the caches of most CPUs hold. */
const READ_FLOATS = 16 * 1024 * 1024;

export interface MatrixRate {
  /** The best of all shapes, in 10⁹ operations per second. */
  readonly gflops: number;
  readonly shapes: readonly { readonly shape: ProductShape; readonly gflops: number }[];
  /** Reading of memory, in 10⁹ bytes per second. */
  readonly readGBs: number;
}

export interface MatrixRateProbe {
  /** To be run in turns with the workload. */
  readonly runs: Readonly<Record<string, () => Promise<void>>>;
  /** Takes the times of `runs`, under the same names. */
  rate(timings: Readonly<Record<string, Timing>>): MatrixRate;
  close(): Promise<void>;
}

export interface MatrixRateOptions {
  readonly shapes?: readonly ProductShape[];
  readonly readFloats?: number;
}

const productName = (shape: ProductShape) => `product ${shape.join("x")}`;
const READ = "read";

export async function openMatrixRate(
  device: Device,
  { shapes = productShapes, readFloats = READ_FLOATS }: MatrixRateOptions = {},
): Promise<MatrixRateProbe> {
  const probes = new Map<string, Probe>();
  for (const shape of shapes) probes.set(productName(shape), await openProduct(device, shape));
  probes.set(READ, await openRead(device, readFloats));
  return {
    runs: Object.fromEntries([...probes].map(([name, { run }]) => [name, run])),
    rate: (timings) => {
      // 10⁹ per second = 10⁶ per millisecond
      const rated = shapes.map((shape) => {
        const flop = PRODUCTS * 2 * shape[0] * shape[1] * shape[2];
        return { shape, gflops: flop / timings[productName(shape)]!.best / 1e6 };
      });
      return {
        gflops: Math.max(...rated.map(({ gflops }) => gflops)),
        shapes: rated,
        readGBs: (4 * readFloats) / timings[READ]!.best / 1e6,
      };
    },
    close: async () => {
      for (const { close } of probes.values()) await close();
    },
  };
}

interface Probe {
  run(): Promise<void>;
  /** Waits until the device has done what was asked of it. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

async function openProduct(device: Device, shape: ProductShape): Promise<Probe> {
  const [rows, inner, columns] = shape;
  const weight = parameter("weight", [columns, inner]);
  const draw = random(1, ...shape);
  const y = linearProduct(input("x", "float32", [rows, inner]), weight);
  const constants = new Map([["weight", draw.normals(columns * inner)]]);
  const { run, settle, close } = await probe(
    device,
    productName(shape),
    y,
    draw.normals(rows * inner),
    {
      constants,
    },
  );
  const several = async () => {
    for (let i = 0; i < PRODUCTS; i++) await run();
    await settle();
  };
  return { run: several, settle, close };
}

/** The rate of reading memory alone. */
export interface ReadRateProbe {
  /** To be run in turns with the workload. */
  run(): Promise<void>;
  /** In 10⁹ bytes per second. */
  rate(timing: Timing): number;
  close(): Promise<void>;
}

export async function openReadRate(
  device: Device,
  readFloats: number = READ_FLOATS,
): Promise<ReadRateProbe> {
  const probe = await openRead(device, readFloats);
  return { ...probe, rate: ({ best }) => (4 * readFloats) / best / 1e6 };
}

async function openRead(device: Device, floats: number): Promise<Probe> {
  // by rows, so that all threads take part
  const rows = 64;
  const x = input("x", "float32", [rows, floats / rows]);
  const read = await probe(device, READ, sum(x, 1), new Float32Array(floats).fill(1), {});
  const run = async () => {
    await read.run();
    await read.settle();
  };
  return { ...read, run };
}

/** The result stays on the device, in the same memory every time. */
async function probe(
  device: Device,
  name: string,
  y: Tensor,
  x: Float32Array,
  options: CompileOptions,
): Promise<Probe> {
  const fn = await compile(device, name, { y }, { ...options, stores: new Map([["y", "y"]]) });
  const state = new DeviceState();
  const { shape } = fn.inputs.get("x")!;
  state.set("x", await device.upload("float32", shape as number[], x));
  return {
    run: async () => {
      await fn.run({}, state);
    },
    settle: () => device.settle(),
    close: async () => {
      await fn.release();
      state.dispose();
    },
  };
}
