/** Starts threads that run a file of Ordo's own. */
import { Worker } from "node:worker_threads";

/**
 * @param from `import.meta.url` of the caller, beside which the file lies.
 * @param name of the file, without its ending. In development and tests `NAME.dev.mjs` is run.
 * @param data what the thread reads as `workerData`; the buffers in `moved` are not copied.
 */
export function startThread(
  from: string,
  name: string,
  data: unknown,
  moved: readonly ArrayBuffer[] = [],
): Worker {
  const file = from.endsWith(".ts") ? `./${name}.dev.mjs` : `./${name}.js`;
  const options = { workerData: data, execArgv: [], transferList: [...moved] };
  return new Worker(new URL(file, from), options);
}
