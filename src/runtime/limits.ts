/** What a GPU lacks beyond operators; asked of it only when a graph needs it. */
import type { InferenceSession } from "onnxruntime-node";
import type { Tensor } from "../graph/node.ts";
import { writeModel } from "../graph/onnx/writer.ts";
import { cast } from "../graph/ops/compare.ts";
import { expand } from "../graph/ops/layout.ts";
import { input } from "../graph/ops/source.ts";
import { slice } from "../graph/ops/window.ts";
import type { Engine } from "./engine.ts";
import { createSession } from "./session.ts";

export interface DeviceLimits {
  /** Every device has buffers of so many bytes. */
  readonly guaranteedBytes: number;
  /** Fills a value of so many bytes; whether that went well. */
  fill(bytes: number): Promise<boolean>;
  /** Whether one value may take so many bytes; asked of the device once. */
  fits(bytes: number): Promise<boolean>;
  /** Whether it computes in float16. */
  float16(): Promise<boolean>;
}

/** `maxStorageBufferBindingSize` that the WebGPU standard promises: 128 MiB. */
const GUARANTEED_BYTES = 2 ** 27;

const COLUMNS = 1024;

/** The engine tells no limits, so that they are tried; each answer is kept. */
export function webgpuLimits(engine: Engine): DeviceLimits {
  const fits = new Map<number, Promise<boolean>>();
  let float16: Promise<boolean> | undefined;
  return {
    guaranteedBytes: GUARANTEED_BYTES,
    fill: (bytes) => holds(engine, bytes),
    fits: (bytes) => {
      if (bytes <= GUARANTEED_BYTES) return Promise.resolve(true);
      const known = fits.get(bytes) ?? holds(engine, bytes);
      fits.set(bytes, known);
      return known;
    },
    float16: () => {
      float16 ??= halves(engine);
      return float16;
    },
  };
}

/**
 * The largest buffer that was tried: twice the size each time up to 4 GiB, as long as a trial is
 * quick. A device may well have larger ones.
 */
export async function largestBuffer(limits: DeviceLimits, trialMs = 300): Promise<number> {
  const { guaranteedBytes, fill } = limits;
  // the first one compiles the kernel
  await fill(guaranteedBytes / 32);
  let largest = guaranteedBytes;
  let last = await timeOf(() => fill(guaranteedBytes / 8));
  last *= 8;
  for (let bytes = 2 * largest; bytes <= 2 ** 32 && 2 * last <= trialMs; bytes *= 2) {
    let held = false;
    last = await timeOf(async () => {
      held = await fill(bytes);
    });
    if (!held) break;
    largest = bytes;
  }
  return largest;
}

async function timeOf(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** Fills a value of so many bytes on the device and reads its last number. */
async function holds(engine: Engine, bytes: number): Promise<boolean> {
  const rows = Math.ceil(bytes / 4 / COLUMNS);
  const large = expand(input("x", "float32", [1, 1]), [rows, COLUMNS]);
  const y = slice(slice(large, 0, rows - 1, rows), 1, COLUMNS - 1, COLUMNS);
  return gives(engine, { large, y }, new Set(["large"]));
}

async function halves(engine: Engine): Promise<boolean> {
  const y = cast(cast(input("x", "float32", [1, 1]), "float16"), "float32");
  return gives(engine, { y }, new Set());
}

/** Whether a graph runs and gives back the number that it was fed. */
async function gives(
  engine: Engine,
  outputs: Readonly<Record<string, Tensor>>,
  onDevice: ReadonlySet<string>,
): Promise<boolean> {
  const results = new Map(Object.entries(outputs));
  const { bytes } = writeModel({ name: "limit", outputs: results, target: "webgpu" });
  let session: InferenceSession | undefined;
  try {
    session = await createSession(engine, "webgpu", bytes, [...results.keys()], { onDevice });
    const x = new engine.Tensor("float32", Float32Array.of(3), [1, 1]);
    const { y, large } = await session.run({ x });
    const right = (y!.data as Float32Array)[0] === 3;
    large?.dispose();
    return right;
  } catch {
    return false;
  } finally {
    await session?.release();
  }
}
