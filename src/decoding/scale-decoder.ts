/**
 * The tokenizer's side of next-scale decoding: maps of ids are added to the accumulated feature,
 * which gives the inputs of the next step and, at any time, pixels. One graph serves all scales:
 * the resampling matrices and the choice of φ are inputs.
 *
 * Axes: C latent channels · H, W latent size · h, w size of a map · n size of the next map
 */

import type { Floats } from "../floats.ts";
import { namedDim, type SymbolicDim } from "../graph/dim.ts";
import type { TypedArray } from "../graph/dtype.ts";
import type { Tensor } from "../graph/node.ts";
import { add, multiply, subtract } from "../graph/ops/arithmetic.ts";
import { lookup } from "../graph/ops/indexing.ts";
import { transpose } from "../graph/ops/layout.ts";
import { resample } from "../graph/ops/resample.ts";
import { input } from "../graph/ops/source.ts";
import { areaMatrix, bicubicMatrix } from "../graph/resample-matrix.ts";
import { fromPixels, type Picture } from "../images/picture.ts";
import { Scope } from "../nn/layer.ts";
import type { Device } from "../runtime/device.ts";
import { type CompiledFunction, compile } from "../runtime/function.ts";
import { DeviceState, type Handle, type HostTensor } from "../runtime/handle.ts";
import { phiMap } from "../tokenizers/phi-sharing.ts";
import { clampPixels } from "../tokenizers/reconstruct.ts";
import {
  pictureSize,
  type ScaleTokenizerOptions,
  scaleTokenizer,
} from "../tokenizers/scale-tokenizer.ts";
import { decodedPixels } from "./decoded-pixels.ts";

interface MapFeeds {
  readonly [name: string]: HostTensor;
}

/** Codes that stand in for those of the ids, except where tokens are kept. */
export interface MapCodes {
  /** [h·w, C] */
  readonly codes: Float32Array;
  /** 1 where the code of the id counts, [h·w]; nowhere by default. */
  readonly keep?: Uint8Array;
}

export class ScaleDecoder {
  readonly #options: ScaleTokenizerOptions;
  readonly #device: Device;
  readonly #constants: ReadonlyMap<string, Floats>;
  readonly #accumulate: CompiledFunction;
  readonly #decode: CompiledFunction;
  readonly #feeds: readonly MapFeeds[];
  readonly #state = new DeviceState();
  #accumulateCodes: Promise<CompiledFunction> | undefined;

  private constructor(
    device: Device,
    options: ScaleTokenizerOptions,
    constants: ReadonlyMap<string, Floats>,
    accumulate: CompiledFunction,
    decode: CompiledFunction,
  ) {
    this.#device = device;
    this.#options = options;
    this.#constants = constants;
    this.#accumulate = accumulate;
    this.#decode = decode;
    this.#feeds = options.scales.map((_, k) => mapFeeds(options, k));
  }

  static async create(
    device: Device,
    options: ScaleTokenizerOptions,
    constants: ReadonlyMap<string, Floats>,
    profile?: string,
  ): Promise<ScaleDecoder> {
    const accumulate = await compileAccumulation(device, options, constants, codesOfIds);
    const decode = await compile(device, "decode", tracePixels(options), {
      constants,
      mayNarrow: true,
      ownThread: true,
      ...(profile && { profile: `${profile}-decode` }),
    });
    return new ScaleDecoder(device, options, constants, accumulate, decode);
  }

  /** Ends the profile of the pixel decoder, which is where its time goes. */
  endProfiling(): void {
    this.#decode.endProfiling();
  }

  /** Begins a new picture. */
  async start(): Promise<void> {
    const { latentChannels: channels, scales } = this.#options;
    const [first, last] = [scales[0]!, scales.at(-1)!];
    await this.#clear("feature", [1, channels, last.height, last.width]);
    await this.#clear("next", [1, first.height, first.width, channels]);
  }

  async #clear(name: string, dims: readonly number[]): Promise<void> {
    const zeros = new Float32Array(dims.reduce((product, size) => product * size, 1));
    this.#state.set(name, await this.#device.upload("float32", dims, zeros));
  }

  /** On the device: what the next map is predicted from, [1, n, n, C]; zeros before the first. */
  get inputs(): Handle {
    return this.#state.get("next")!;
  }

  /**
   * Adds map `scale`; `inputs` is then for the next one (after the last map: at 1×1, to be ignored).
   *
   * @param instead codes to add in place of those of the ids.
   */
  async add(scale: number, ids: Int32Array, instead?: MapCodes): Promise<void> {
    const { height, width } = this.#options.scales[scale]!;
    const feeds = { ...this.#feeds[scale]!, ids: { data: ids, dims: [1, height, width] } };
    if (instead) await this.#addCodes({ ...feeds, ...this.#codeFeeds(scale, instead) });
    else await this.#accumulate.run(feeds, this.#state);
  }

  /** The accumulated feature, float32 [C, H, W]. */
  async feature(): Promise<Float32Array> {
    const { data } = await this.#device.download(this.#state.get("feature")!);
    return (data as Float32Array).slice();
  }

  /** The accumulated feature as pixels, float32 [3, H·f, W·f] in [−1, 1]. */
  async pixels(): Promise<Float32Array> {
    return decodedPixels(await this.#decode.run({}, this.#state));
  }

  async picture(): Promise<Picture> {
    return fromPixels(await this.pixels(), pictureSize(this.#options))[0]!;
  }

  async #addCodes(feeds: MapFeeds): Promise<void> {
    this.#accumulateCodes ??= compileAccumulation(
      this.#device,
      this.#options,
      this.#constants,
      blendedCodes,
    );
    await (await this.#accumulateCodes).run(feeds, this.#state);
  }

  #codeFeeds(scale: number, { codes, keep }: MapCodes): MapFeeds {
    const { scales, latentChannels } = this.#options;
    const { height, width } = scales[scale]!;
    const kept = keep ? Float32Array.from(keep) : new Float32Array(height * width);
    return {
      codes: { data: codes, dims: [1, height, width, latentChannels] },
      keep: { data: kept, dims: [1, height, width, 1] },
    };
  }

  async close(): Promise<void> {
    await this.#accumulate.release();
    await (await this.#accumulateCodes)?.release();
    await this.#decode.release();
    this.#state.dispose();
  }
}

/** What a map adds, [1, h, w, C]. */
type CodesOf = (codebook: Tensor, h: SymbolicDim, w: SymbolicDim) => Tensor;

const codesOfIds: CodesOf = (codebook, h, w) => lookup(codebook, input("ids", "int32", [1, h, w]));

/** keep·E[ids] + (1 − keep)·codes */
const blendedCodes: CodesOf = (codebook, h, w) => {
  const channels = codebook.shape[1]!;
  const keep = input("keep", "float32", [1, h, w, 1]);
  const codes = input("codes", "float32", [1, h, w, channels]);
  const own = multiply(codesOfIds(codebook, h, w), keep);
  return add(own, multiply(codes, subtract(1, keep)));
};

function compileAccumulation(
  device: Device,
  options: ScaleTokenizerOptions,
  constants: ReadonlyMap<string, Floats>,
  codesOf: CodesOf,
): Promise<CompiledFunction> {
  const stores = new Map([
    ["new feature", "feature"],
    ["new next", "next"],
  ]);
  return compile(device, "accumulate", traceAccumulation(options, codesOf), { constants, stores });
}

function traceAccumulation(options: ScaleTokenizerOptions, codesOf: CodesOf) {
  const { latentChannels, scales } = options;
  const { height, width } = scales.at(-1)!;
  const scope = new Scope();
  const { quantizer } = scaleTokenizer(options).bind(scope.child("tokenizer"));
  const [h, w] = [namedDim("h"), namedDim("w")];
  const [nh, nw] = [namedDim("nh"), namedDim("nw")];
  const feature = input("feature", "float32", [1, latentChannels, height, width]);
  const grown = resample(
    transpose(codesOf(quantizer.codebook, h, w), [0, 3, 1, 2]),
    input("growRows", "float32", [height, h]),
    input("growColumns", "float32", [w, width]),
  );
  const sum = add(feature, quantizer.refineBy(grown, input("phi", "int32", [1])));
  const pooled = resample(
    sum,
    input("poolRows", "float32", [nh, height]),
    input("poolColumns", "float32", [width, nw]),
  );
  return { "new feature": sum, "new next": transpose(pooled, [0, 2, 3, 1]) };
}

function tracePixels(options: ScaleTokenizerOptions) {
  const { height, width } = options.scales.at(-1)!;
  const { pixels } = scaleTokenizer(options).bind(new Scope().child("tokenizer"));
  const feature = input("feature", "float32", [1, options.latentChannels, height, width]);
  return { pixels: clampPixels(pixels(feature)) };
}

function mapFeeds({ scales, phiSharing }: ScaleTokenizerOptions, k: number): MapFeeds {
  const { height, width } = scales[k]!;
  const full = scales.at(-1)!;
  const next = scales[k + 1] ?? { height: 1, width: 1 };
  const matrix = (data: TypedArray, rows: number, columns: number) => ({
    data,
    dims: [rows, columns],
  });
  const turned = (data: Float32Array, rows: number, columns: number) =>
    matrix(transposed(data, rows, columns), columns, rows);
  return {
    growRows: matrix(bicubicMatrix(height, full.height), full.height, height),
    growColumns: turned(bicubicMatrix(width, full.width), full.width, width),
    poolRows: matrix(areaMatrix(full.height, next.height), next.height, full.height),
    poolColumns: turned(areaMatrix(full.width, next.width), next.width, full.width),
    phi: { data: phiMap(scales.length, phiSharing).slice(k, k + 1), dims: [1] },
  };
}

function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
}
