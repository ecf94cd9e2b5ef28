/**
 * Graphs as the engine has optimised them, on the disk: the weights of convolutions in the order in
 * which kernels read them are then mapped from there, instead of being made anew in every start.
 */
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  utimes,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheKey, keepNewest } from "../cache-folder.ts";
import { fileFacts } from "../checkpoints/file-facts.ts";
import type { Engine } from "./engine.ts";
import { processorFacts } from "./hardware.ts";
import type { CreateOptions } from "./session.ts";

/** Changes when kept graphs are written in another way, so that they are made again. */
const KEEPING = 1;

/** Graphs that are kept, the last used ones. */
const MOST_GRAPHS = 8;

/** Smaller constants lie in the graph itself. */
const LEAST_FILE_BYTES = 1024;

/** Nobody writes a graph for an hour. */
const STALE_MS = 3_600_000;

const PARTIAL = "partial-";
const GRAPH = "graph.onnx";
const WEIGHTS = "weights";

/** The weights of a graph that lie in files. */
export interface FileWeights {
  /** By these the weights are known: their content takes seconds to hash. */
  readonly files: readonly string[];
  /** Of all constants. */
  readonly bytes: number;
}

export interface KeptTask {
  /** Where graphs are kept. */
  readonly folder: string;
  readonly weights: FileWeights;
  readonly model: Uint8Array;
  readonly options: CreateOptions;
}

type InferenceSession = Awaited<ReturnType<Engine["InferenceSession"]["create"]>>;

/**
 * The session of a model, prepared from what was kept of an earlier one if engine, processor, graph,
 * options and files of weights are the same; otherwise it is kept for the next.
 *
 * A folder that cannot be read or written, or lacks room, is no error: the session is then prepared
 * without it.
 *
 * @throws whatever the engine says against the model.
 */
export async function keptSession(engine: Engine, task: KeptTask): Promise<InferenceSession> {
  const place = join(task.folder, await keyOf(engine, task));
  return (await open(engine, place, task)) ?? (await prepareAndKeep(engine, place, task));
}

/** Weights in the order of one processor are wrong on another. */
async function keyOf(engine: Engine, { weights, model, options }: KeptTask): Promise<string> {
  const facts = await Promise.all(weights.files.map(fileFacts));
  const { versions } = engine.env;
  const processor = await processorFacts();
  return cacheKey({ KEEPING, versions, processor, facts, options }, model);
}

/** Null if nothing is kept there that the engine takes. */
async function open(
  engine: Engine,
  place: string,
  { options }: KeptTask,
): Promise<InferenceSession | null> {
  try {
    const graph = await readFile(join(place, GRAPH));
    const session = await engine.InferenceSession.create(graph, {
      ...options,
      // nothing is left to optimise
      graphOptimizationLevel: "disabled",
      extra: withSession(options, { model_external_initializers_file_folder_path: place }),
    });
    const now = new Date();
    await utimes(place, now, now).catch(() => undefined);
    return session;
  } catch {
    return null;
  }
}

async function prepareAndKeep(
  engine: Engine,
  place: string,
  { folder, weights, model, options }: KeptTask,
): Promise<InferenceSession> {
  const partial = await partialFolder(folder, weights.bytes);
  if (partial === null) return engine.InferenceSession.create(model, options);
  const written = engine.InferenceSession.create(model, {
    ...options,
    optimizedModelFilePath: join(partial, GRAPH),
    extra: withSession(options, {
      optimized_model_external_initializers_file_name: WEIGHTS,
      optimized_model_external_initializers_min_size_in_bytes: String(LEAST_FILE_BYTES),
    }),
  });
  const session = await written.catch(() => null);
  await (session ? publish(partial, place) : discard(partial)).catch(() => discard(partial));
  return session ?? engine.InferenceSession.create(model, options);
}

/** Another process may have kept the same graph meanwhile. */
async function publish(partial: string, place: string): Promise<void> {
  await rm(place, { recursive: true, force: true });
  await rename(partial, place);
  await keepNewest(dirname(place), MOST_GRAPHS).catch(() => undefined);
}

async function discard(partial: string): Promise<void> {
  await rm(partial, { recursive: true, force: true }).catch(() => undefined);
}

/** A new folder to write to; null where there is no room for twice the weights, or none can be made. */
async function partialFolder(folder: string, bytes: number): Promise<string | null> {
  try {
    await mkdir(folder, { recursive: true });
    await removeStale(folder);
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize > 2 * bytes ? await mkdtemp(join(folder, PARTIAL)) : null;
  } catch {
    return null;
  }
}

/** What processes that were ended have left half written. */
async function removeStale(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(PARTIAL));
  for (const name of names) {
    const { mtimeMs } = await stat(join(folder, name));
    if (Date.now() - mtimeMs > STALE_MS) await discard(join(folder, name));
  }
}

function withSession(
  options: CreateOptions,
  more: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const extra = options?.extra ?? {};
  return { ...extra, session: { ...(extra.session as object), ...more } };
}
