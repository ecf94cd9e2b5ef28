/**
 * Sessions in threads of their own. The engine prepares a session on one core and blocks its thread
 * meanwhile, so that two sessions are prepared at once only in two threads (ENGINE 1).
 */
import type { TypedArray } from "../graph/dtype.ts";
import { startThread } from "../threads.ts";
import type { Engine } from "./engine.ts";
import type { KeptTask } from "./kept-graphs.ts";
import { type CreateOptions, engineFailure, type Session, type Values } from "./session.ts";

/** What the thread is started with. */
export interface SessionTask {
  readonly model: Uint8Array;
  readonly options: CreateOptions;
  /** Results to compute. */
  readonly results: readonly string[];
  /** Where the graph is kept as the engine has optimised it; absent where it is not. */
  readonly kept?: Pick<KeptTask, "folder" | "weights">;
}

/** A tensor on its way between threads. */
export interface ThreadValue {
  readonly dtype: string;
  readonly dims: readonly number[];
  readonly data: TypedArray;
}

type ThreadValues = Readonly<Record<string, ThreadValue>>;

/** Null feeds release the session and end the thread. */
export interface ThreadRequest {
  readonly feeds: ThreadValues | null;
}

/** One for each request but the last, and one before them when the session is ready. */
export type ThreadReply = { readonly results: ThreadValues } | { readonly failure: string };

/**
 * Starts to prepare a session on the CPU, and returns at once; the model's bytes are moved away.
 * What the engine says against the model is thrown by the first run.
 */
export function startSession(engine: Engine, task: SessionTask): Session {
  const worker = startThread(import.meta.url, "session-worker", task, [
    task.model.buffer as ArrayBuffer,
  ]);
  const waiting: { resolve: (values: ThreadValues) => void; reject: (error: Error) => void }[] = [];
  let ended: Error | null = null;

  const end = (error: Error): void => {
    ended ??= error;
    for (const { reject } of waiting.splice(0)) reject(ended);
  };
  worker.on("message", (reply: ThreadReply) => {
    const first = waiting.shift()!;
    if ("failure" in reply) first.reject(new Error(reply.failure));
    else first.resolve(reply.results);
    // an idle session keeps no process alive, one that is waited for does
    if (waiting.length === 0) worker.unref();
  });
  worker.on("error", end);
  const gone = new Promise<void>((resolve) => {
    worker.on("exit", () => {
      end(new Error("its thread has ended"));
      resolve();
    });
  });

  const reply = (): Promise<ThreadValues> => {
    if (ended) return Promise.reject(ended);
    worker.ref();
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  };
  const ready = reply().catch((cause: unknown) => {
    throw engineFailure("cpu", "compiling", cause);
  });
  // whoever runs it learns of the failure
  ready.catch(() => {});

  return {
    async run(feeds) {
      await ready;
      const results = reply();
      worker.postMessage({ feeds: sent(feeds) } satisfies ThreadRequest);
      return received(engine, await results);
    },
    endProfiling: () => {},
    async release() {
      worker.ref();
      worker.postMessage({ feeds: null } satisfies ThreadRequest);
      await gone;
    },
  };
}

function sent(values: Values): ThreadValues {
  const entries = Object.entries(values).map(([name, { type, dims, data }]) => {
    const value: ThreadValue = { dtype: type, dims, data: data as TypedArray };
    return [name, value] as const;
  });
  return Object.fromEntries(entries);
}

function received(engine: Engine, values: ThreadValues): Values {
  const entries = Object.entries(values).map(([name, { dtype, dims, data }]) => {
    return [name, new engine.Tensor(dtype as "float32", data as Float32Array, dims)] as const;
  });
  return Object.fromEntries(entries);
}
