/** The thread behind `startLoader`: loads batches ahead, as many as were asked for. */

import { parentPort, workerData } from "node:worker_threads";
import { OrdoError } from "../errors.ts";
import { loadBatch } from "./batches.ts";
import { cacheDataset } from "./cache.ts";
import { openDataset } from "./dataset.ts";
import type { LoaderMessage, LoaderTask } from "./loader.ts";

const port = parentPort!;
const { options, firstStep, prefetch } = workerData as LoaderTask;

let credit = prefetch;
let wake: () => void = () => {};
port.on("message", () => {
  credit++;
  wake();
});

async function run(): Promise<void> {
  const opened = await openDataset(options.path, options.select);
  const dataset =
    options.cache === false
      ? opened
      : await cacheDataset(opened, {
          size: options.size,
          ...(options.fit ? { fit: options.fit } : {}),
          ...(options.background ? { background: options.background } : {}),
          ...(options.cacheFolder ? { folder: options.cacheFolder } : {}),
        });
  let told = -1;
  for (let step = firstStep; ; step++) {
    while (credit === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    credit--;
    const batch = await loadBatch(dataset, step, options);
    const skipped = dataset.skipped();
    const message: LoaderMessage = skipped.length === told ? { batch } : { batch, skipped };
    told = skipped.length;
    // moved, not copied
    port.postMessage(message, [batch.pixels.buffer as ArrayBuffer]);
  }
}

run().catch((error: unknown) => {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message: LoaderMessage =
    error instanceof OrdoError
      ? { failure: { code: error.code, facts: error.facts, stack } }
      : {
          failure: {
            code: "bug",
            facts: { where: options.path, expected: "a batch", got: stack.split("\n")[0]! },
            stack,
          },
        };
  port.postMessage(message);
});
