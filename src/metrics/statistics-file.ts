/**
 * Files of feature statistics as the published evaluators read and write them: arrays `mu` [D] and
 * `sigma` [D, D] (pytorch-fid, torch-fidelity), and beside them `mu_s`, `sigma_s` for sFID and sample
 * pictures in `arr_0` (ADM).
 */

import { DataError } from "../errors.ts";
import type { FeatureStatistics } from "./moments.ts";
import { type NpzFile, openNpz } from "./npz-read.ts";
import { type NpyContent, writeNpz } from "./npz-write.ts";

export interface StatisticsFile {
  /** Over the features of FID and of all `FD[…]`. */
  readonly pooled: FeatureStatistics;
  /** Over the features of sFID; null where the file has none. */
  readonly spatial: FeatureStatistics | null;
  /** The network that they come from; null in files of programs that do not say. */
  readonly network: string | null;
}

/** An array of bytes that other programs pass over. */
const NETWORK = "network";
const LONGEST_NAME = 1000;

/**
 * Reads a statistics file of any of these programs.
 *
 * @throws DataError naming the file and array: missing, of another shape, not finite, not symmetric.
 */
export async function readStatistics(path: string): Promise<StatisticsFile> {
  const file = await openNpz(path);
  try {
    const count = file.names.includes("count") ? await readCount(file) : null;
    const pooled = await readPair(file, "mu", "sigma", count);
    const spatial = file.names.includes("mu_s")
      ? await readPair(file, "mu_s", "sigma_s", count)
      : null;
    const network = file.names.includes(NETWORK) ? await readNetwork(file) : null;
    return { pooled, spatial, network };
  } finally {
    file.close();
  }
}

/**
 * Writes statistics that the published evaluators read; the number of rows and the network's name go
 * into arrays of their own, which they pass over.
 */
export async function writeStatistics(
  path: string,
  { pooled, spatial, network }: StatisticsFile,
): Promise<void> {
  const { count } = pooled;
  const name = Buffer.from(network ?? "");
  await writeNpz(path, {
    ...pair(pooled, "mu", "sigma"),
    ...(spatial && pair(spatial, "mu_s", "sigma_s")),
    ...(count !== null && {
      count: { dtype: "int64", shape: [], values: BigInt64Array.of(BigInt(count)) },
    }),
    ...(network !== null && {
      [NETWORK]: { dtype: "uint8", shape: [name.length], values: Uint8Array.from(name) },
    }),
  });
}

function pair(
  { mean, covariance }: FeatureStatistics,
  meanName: string,
  covarianceName: string,
): Record<string, NpyContent> {
  const width = mean.length;
  return {
    [meanName]: { dtype: "float64", shape: [width], values: mean },
    [covarianceName]: { dtype: "float64", shape: [width, width], values: covariance },
  };
}

async function readPair(
  file: NpzFile,
  meanName: string,
  covarianceName: string,
  count: number | null,
): Promise<FeatureStatistics> {
  const width = (await file.header(meanName)).shape[0] ?? 0;
  const mean = await readNumbers(file, meanName, [width]);
  const covariance = await readNumbers(file, covarianceName, [width, width]);
  makeSymmetric(covariance, width, `${file.path}: ${covarianceName}`);
  return { count, mean, covariance };
}

async function readCount(file: NpzFile): Promise<number> {
  const { header, values } = await file.read("count");
  const count = values.length === 1 ? Number(values[0]) : Number.NaN;
  if (header.shape.length === 0 && Number.isSafeInteger(count) && count >= 0) return count;
  throw new DataError({
    where: `${file.path}: count`,
    expected: "one whole number",
    got: `${count} in the shape (${header.shape.join(", ")})`,
  });
}

async function readNetwork(file: NpzFile): Promise<string> {
  const { dtype, shape } = await file.header(NETWORK);
  if (dtype === "uint8" && shape.length === 1 && shape[0]! <= LONGEST_NAME) {
    return Buffer.from((await file.read(NETWORK)).values as Uint8Array).toString();
  }
  throw new DataError({
    where: `${file.path}: ${NETWORK}`,
    expected: `the name of a network in at most ${LONGEST_NAME} bytes`,
    got: `${dtype} in the shape (${shape.join(", ")})`,
  });
}

async function readNumbers(
  file: NpzFile,
  name: string,
  shape: readonly number[],
): Promise<Float64Array> {
  const where = `${file.path}: ${name}`;
  const { dtype, shape: found } = await file.header(name);
  const sameShape = found.length === shape.length && found.every((size, i) => size === shape[i]);
  if (!sameShape || shape[0] === 0 || (dtype !== "float32" && dtype !== "float64")) {
    throw new DataError({
      where,
      expected: `float32 or float64 values in the shape (${shape.join(", ")})`,
      got: `${dtype} in (${found.join(", ")})`,
    });
  }
  const values = Float64Array.from((await file.read(name)).values as Float32Array | Float64Array);
  if (!values.every(Number.isFinite)) {
    throw new DataError({ where, expected: "finite values", got: "NaN or infinity" });
  }
  return values;
}

/** Evens out rounding between the two triangles. @throws DataError if they say different things */
function makeSymmetric(values: Float64Array, width: number, where: string): void {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < i; j++) {
      const [low, high] = [values[i * width + j]!, values[j * width + i]!];
      if (Math.abs(low - high) > 1e-5 * largest) {
        const got = `${low} at (${i}, ${j}) and ${high} opposite`;
        throw new DataError({ where, expected: "a symmetric matrix", got });
      }
      values[i * width + j] = (low + high) / 2;
      values[j * width + i] = (low + high) / 2;
    }
  }
}
