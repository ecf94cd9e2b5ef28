/** Compiled graphs: tensors traced once, run many times. */
import { ConfigError, DeviceError, DtypeError, ShapeError } from "../errors.ts";
import type { FileValues } from "../floats.ts";
import { evaluateDim, type Sizes, shapeText } from "../graph/dim.ts";
import { allocate, type Dtype, type TypedArray } from "../graph/dtype.ts";
import type { Tensor } from "../graph/node.ts";
import { writeModel } from "../graph/onnx/writer.ts";
import type { Device } from "./device.ts";
import { type DeviceState, type Handle, type HostTensor, requireDevice } from "./handle.ts";
import { requireSupported } from "./require-supported.ts";
import {
  createSession,
  engineFailure,
  type Session,
  type SessionOptions,
  type Values,
} from "./session.ts";
import { bindSizes } from "./sizes.ts";
import { runInto, STOP_OUTPUT } from "./stop-output.ts";
import { inPlaceStores, requireChains } from "./stored-results.ts";
import { gpuHandle } from "./transfers.ts";
import { unfilled } from "./unfilled.ts";

export interface CompileOptions
  extends Omit<SessionOptions, "onDevice" | "threads" | "fileFolder"> {
  /** Parameters that become constants of the graph. Those not listed are read from the state. */
  readonly constants?: ReadonlyMap<string, TypedArray | FileValues>;
  /** Tensors that are fed, or read from the state, under these names instead of being computed. */
  readonly given?: ReadonlyMap<Tensor, string>;
  /**
   * Results that go to the state instead of to the caller: result name → state name. Where the
   * state name is also an input, the result replaces it, in place if that is safe.
   */
  readonly stores?: ReadonlyMap<string, string>;
  /**
   * State names whose results may be written where the value of the one before in its chain lay
   * (`ResultRooms`): everything has read it by then.
   */
  readonly chains?: readonly (readonly string[])[];
  /** Compute in the device's precision; otherwise everything is float32. */
  readonly mayNarrow?: boolean;
  /**
   * Prepare and run in a thread of its own, so that another function is prepared meanwhile: where
   * weights are large, nothing is stored, and the device allows it. Where weights lie in files, the
   * graph is kept as the engine has optimised it. What is wrong with it shows in its first run.
   */
  readonly ownThread?: boolean;
}

/** Preparing fewer bytes of weights than this is done before a thread has started. */
const LEAST_BYTES_APART = 64 * 1024 * 1024;

/** A value for an input: an array of the declared shape, an array with its own dims, or a handle. */
export type Feed = TypedArray | HostTensor | Handle;

export interface CompiledFunction {
  readonly name: string;
  /** What has to be fed or lie in the state, by name. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  /**
   * Runs once. Inputs are taken from `feeds`, then from `state`.
   *
   * @returns the results that are not stored, on the host.
   * @throws ShapeError, ConfigError if an input is missing or does not fit; DeviceError if the
   * engine fails.
   */
  run(
    feeds: Readonly<Record<string, Feed>>,
    state?: DeviceState,
  ): Promise<Record<string, HostTensor>>;
  /** Ends profiling, if it was asked for. */
  endProfiling(): void;
  release(): Promise<void>;
}

/**
 * Writes the graph that `outputs` reach, and prepares it on a device.
 *
 * @throws ConfigError if a stored result cannot take the place of the input of the same name.
 */
export async function compile(
  device: Device,
  name: string,
  outputs: Readonly<Record<string, Tensor>>,
  options: CompileOptions = {},
): Promise<CompiledFunction> {
  const {
    constants,
    given,
    unpacked = false,
    mayNarrow = false,
    ownThread = false,
    stores = new Map<string, string>(),
    chains = [],
    ...sessionOptions
  } = options;
  const results = new Map(Object.entries(outputs));
  const { bytes, inputs, nodes, files, fileFolder, constantBytes } = writeModel({
    name,
    outputs: results,
    target: device.target,
    unpacked,
    narrow: mayNarrow && device.precision === "fp16",
    ...(given && { given }),
    ...(constants && { constants }),
    ...(device.fillsArrays && { stopOutput: STOP_OUTPUT }),
  });
  const stored = { name, results, inputs, stores };
  const inPlace = inPlaceStores(stored);
  requireChains(stored, chains);
  await requireSupported(device, name, nodes, sessionOptions.noFallback);
  const watched = sessionOptions.profile ? undefined : device.observer?.begin(name);
  const names = [...results.keys()];
  const prepared: SessionOptions = {
    ...sessionOptions,
    ...(watched && { profile: watched }),
    unpacked,
    ...(fileFolder && { fileFolder }),
    threads: device.threads,
    onDevice: new Set(stores.keys()),
  };
  const large = constantBytes >= LEAST_BYTES_APART;
  // a profile is ended from the thread that began it, and the state lies in this one
  const apart = ownThread && large && !prepared.profile && stores.size === 0;
  const weights = files.length > 0 ? { files, bytes: constantBytes } : undefined;
  const started = apart ? device.startSession?.(bytes, names, prepared, weights) : undefined;
  const session = started ?? (await sessionHere(device, bytes, names, prepared));
  return new SessionFunction({
    name,
    device,
    session,
    inputs,
    results,
    stores,
    inPlace,
    ...(watched && { watched }),
  });
}

async function sessionHere(
  device: Device,
  model: Uint8Array,
  names: readonly string[],
  options: SessionOptions,
): Promise<Session> {
  const session = await createSession(device.engine, device.name, model, names, options);
  return {
    run: async (feeds) => (await session.run(feeds)) as Values,
    ...(device.fillsArrays && { fill: (feeds, fetches) => runInto(session, feeds, fetches) }),
    endProfiling: () => session.endProfiling(),
    release: () => session.release(),
  };
}

interface Parts {
  readonly name: string;
  readonly device: Device;
  readonly session: Session;
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly results: ReadonlyMap<string, Tensor>;
  readonly stores: ReadonlyMap<string, string>;
  readonly inPlace: ReadonlySet<string>;
  /** Path prefix of the profile of the first run. */
  readonly watched?: string;
}

class SessionFunction implements CompiledFunction {
  readonly #parts: Parts;
  #watched: string | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#watched = parts.watched;
  }

  get name(): string {
    return this.#parts.name;
  }

  get inputs(): ReadonlyMap<string, Tensor> {
    return this.#parts.inputs;
  }

  async run(
    feeds: Readonly<Record<string, Feed>>,
    state?: DeviceState,
  ): Promise<Record<string, HostTensor>> {
    const { inputs, device, session, stores } = this.#parts;
    if (stores.size > 0 && !state) {
      throw new ConfigError({
        where: this.name,
        expected: `a state to put ${[...new Set(stores.values())].join(", ")} into`,
        got: "none",
      });
    }
    const values: Values = {};
    for (const [name, tensor] of inputs) {
      values[name] = this.#feed(name, tensor, feeds[name] ?? state?.get(name));
    }
    const sizes = bindSizes(inputs, (name) => values[name]!.dims, this.name);
    try {
      const results = session.fill
        ? await this.#runInto(session.fill, values, sizes, state)
        : this.#keep(await session.run(values), state);
      this.#endWatch();
      return results;
    } catch (cause) {
      if (cause instanceof DeviceError) throw cause;
      throw engineFailure(device.name, `running ${this.name}`, cause);
    }
  }

  endProfiling(): void {
    this.#parts.session.endProfiling();
  }

  async release(): Promise<void> {
    await this.#parts.session.release();
  }

  /** One run tells where everything runs. */
  #endWatch(): void {
    if (this.#watched === undefined) return;
    this.endProfiling();
    this.#parts.device.observer?.end(this.#watched);
    this.#watched = undefined;
  }

  #feed(name: string, { dtype, shape }: Tensor, feed: Feed | undefined): Values[string] {
    const { device } = this.#parts;
    const where = `${this.name}: ${name}`;
    if (!feed) {
      throw new ConfigError({
        where,
        expected: `${dtype} ${shapeText(shape)}`,
        got: "nothing fed and nothing in the state",
      });
    }
    if ("tensor" in feed) {
      requireDevice(device.name, feed);
      if (feed.dtype !== dtype) throw new DtypeError({ where, expected: dtype, got: feed.dtype });
      return feed.tensor;
    }
    const host = ArrayBuffer.isView(feed) ? { data: feed, dims: staticDims(where, shape) } : feed;
    requireArray(where, dtype, host);
    return new device.engine.Tensor(dtype as "float32", host.data as Float32Array, host.dims);
  }

  /** Every result is written straight into an array that we own. */
  async #runInto(
    fill: NonNullable<Session["fill"]>,
    values: Values,
    sizes: Sizes,
    state?: DeviceState,
  ): Promise<Record<string, HostTensor>> {
    const { device, results, stores } = this.#parts;
    const fetches: Values = {};
    for (const [name, { dtype, shape }] of results) {
      const dims = shape.map((dim) => evaluateDim(dim, sizes));
      const stored = stores.get(name);
      const before = stored === undefined ? undefined : state?.get(stored);
      const fits = before?.dtype === dtype && before.dims.join() === dims.join();
      if (before && fits && this.#mayReplace(before, stored!, values)) {
        fetches[name] = before.tensor;
        continue;
      }
      const count = elements(dims);
      const room = stored === undefined ? undefined : state?.roomFor(stored, dtype, count);
      const data = (room ?? unfilled(dtype, count)) as Float32Array;
      fetches[name] = new device.engine.Tensor(dtype as "float32", data, dims);
    }
    await fill(values, fetches);
    return this.#keep(fetches, state);
  }

  /** Whether nothing of this run reads the value, except the input that the result replaces. */
  #mayReplace({ tensor }: Handle, stored: string, values: Values): boolean {
    const readers = Object.keys(values).filter((name) => values[name] === tensor);
    return readers.every((name) => name === stored && this.#parts.inPlace.has(name));
  }

  /** Puts stored results into the state and hands out the others. */
  #keep(fetched: Values, state?: DeviceState): Record<string, HostTensor> {
    const { results, stores, device } = this.#parts;
    const host: Record<string, HostTensor> = {};
    for (const [name, { dtype }] of results) {
      const tensor = fetched[name]!;
      const stored = stores.get(name);
      if (stored === undefined) host[name] = { data: tensor.data as TypedArray, dims: tensor.dims };
      else if (state && state.get(stored)?.tensor !== tensor) {
        const handle: Handle =
          device.name === "webgpu"
            ? gpuHandle(dtype, tensor)
            : { device: device.name, dtype, dims: tensor.dims, tensor, dispose: () => {} };
        state.set(stored, handle);
      }
    }
    return host;
  }
}

function elements(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

function requireArray(where: string, dtype: Dtype, { data, dims }: HostTensor): void {
  const wanted = allocate(dtype, 0).constructor as new () => TypedArray;
  if (!(data instanceof wanted)) {
    const expected = `${wanted.name} for ${dtype}`;
    throw new DtypeError({ where, expected, got: data.constructor.name });
  }
  if (data.length === elements(dims)) return;
  throw new ShapeError({
    where,
    expected: `${elements(dims)} numbers for [${dims.join(", ")}]`,
    got: String(data.length),
  });
}

function staticDims(where: string, shape: Tensor["shape"]): number[] {
  if (shape.every((dim) => typeof dim === "number")) return shape as number[];
  throw new ShapeError({
    where,
    expected: `an array with its dims for ${shapeText(shape)}`,
    got: "an array without dims",
  });
}
