/**
 * The batches of `loadBatch` from a thread of their own: the engine's run blocks the main thread, and
 * loading goes on meanwhile.
 */

import { ConfigError, DataError, type ErrorCode, type ErrorFacts, OrdoError } from "../errors.ts";
import { startThread } from "../threads.ts";
import type { Batch, BatchOptions } from "./batches.ts";
import type { DatasetSelection } from "./dataset.ts";
import type { Skipped } from "./example.ts";

export interface LoaderOptions extends BatchOptions {
  /** Folder or zip. */
  readonly path: string;
  /** Which examples; functions cannot go to another thread, rules can. */
  readonly select?: DatasetSelection;
  /** Keeps decoded pictures on disk; true unless given. */
  readonly cache?: boolean;
  /** Where the cache lies; `cacheFolder()` unless given. */
  readonly cacheFolder?: string;
}

export interface LoaderStart {
  /** First batch; 0 unless given. */
  readonly firstStep?: number;
  /** Batches kept ready; 4 unless given. */
  readonly prefetch?: number;
}

/** Batches without end, in order. */
export interface Loader extends AsyncIterable<Batch> {
  /** The next batch. @throws what `openDataset`, `cacheDataset` and `loadBatch` throw. */
  next(): Promise<Batch>;
  /** Batches that wait to be taken; 0 all the time means that loading holds training up. */
  ready(): number;
  /** What could not be used so far. */
  skipped(): readonly Skipped[];
  /** Ends the thread; calls of `next` that still wait fail. */
  close(): Promise<void>;
}

/** What the thread sends; `skipped` only when it has grown. */
export type LoaderMessage =
  | { readonly batch: Batch; readonly skipped?: readonly Skipped[] }
  | { readonly failure: { code: ErrorCode | "bug"; facts: ErrorFacts; stack: string } };

/** What the thread is started with; each later message asks for one batch more. */
export interface LoaderTask {
  readonly options: LoaderOptions;
  readonly firstStep: number;
  readonly prefetch: number;
}

/** Starts a loader; it opens the data set and begins to load at once. */
export function startLoader(
  options: LoaderOptions,
  { firstStep = 0, prefetch = 4 }: LoaderStart = {},
): Loader {
  const task: LoaderTask = { options, firstStep, prefetch: Math.max(1, prefetch) };
  const worker = startThread(import.meta.url, "loader-worker", task);
  const ready: Batch[] = [];
  const waiting: { resolve: (batch: Batch) => void; reject: (error: Error) => void }[] = [];
  let skipped: readonly Skipped[] = [];
  let failure: Error | null = null;

  const fail = (error: Error): void => {
    failure ??= error;
    for (const { reject } of waiting.splice(0)) reject(failure);
  };
  worker.on("message", (message: LoaderMessage) => {
    if ("failure" in message) {
      fail(restoreError(message.failure));
      return;
    }
    skipped = message.skipped ?? skipped;
    const first = waiting.shift();
    if (first) {
      worker.postMessage("more");
      first.resolve(message.batch);
    } else ready.push(message.batch);
    // an idle loader keeps no process alive, one that is waited for does
    if (waiting.length === 0) worker.unref();
  });
  worker.on("error", fail);
  worker.on("exit", () => fail(closedError(options.path)));
  worker.unref();

  const next = (): Promise<Batch> => {
    const batch = ready.shift();
    if (batch) {
      worker.postMessage("more");
      return Promise.resolve(batch);
    }
    if (failure) return Promise.reject(failure);
    worker.ref();
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  };
  const close = async (): Promise<void> => {
    fail(closedError(options.path));
    ready.length = 0;
    await worker.terminate();
  };
  return {
    next,
    ready: () => ready.length,
    skipped: () => skipped,
    close,
    async *[Symbol.asyncIterator]() {
      try {
        while (true) yield await next();
      } finally {
        await close();
      }
    },
  };
}

function restoreError({
  code,
  facts,
  stack,
}: {
  code: ErrorCode | "bug";
  facts: ErrorFacts;
  stack: string;
}): Error {
  if (code === "bug") return new Error(`${facts.where}: ${facts.got}`, { cause: stack });
  if (code === "data") return new DataError(facts);
  return code === "config" ? new ConfigError(facts) : new OrdoError(code, facts);
}

function closedError(path: string): DataError {
  return new DataError({ where: path, expected: "an open loader", got: "a closed one" });
}
