/**
 * A process that trains and waits to be killed: checkpoints up to step 10, then three steps that
 * only the log knows of, then nothing more.
 *
 *   node --import tsx test/training/doomed-run.ts FOLDER
 */
import type { Batch } from "../../src/data/batches.ts";
import { openDevice } from "../../src/runtime/device.ts";
import { runTraining } from "../../src/training/loop.ts";
import { batchesFrom, tinyPlan, tinyRun } from "./tiny-run.ts";

const LAST_CHECKPOINT = 10;
const LAST_STEP = 13;

let step = 0;

async function* batches(first: number): AsyncGenerator<Batch> {
  for await (const batch of batchesFrom(first)) {
    if (batch.step >= LAST_STEP * tinyPlan.accumulation) {
      process.stdout.write("waiting\n");
      await new Promise((resolve) => setTimeout(resolve, 120_000));
      process.exit(1);
    }
    yield batch;
  }
}

const device = await openDevice("cpu", { threads: 1 });
const options = tinyRun(device, process.argv[2]!, {
  batches,
  onStep: (progress) => {
    step = progress.step;
  },
});
await runTraining(
  Object.defineProperty({ ...options }, "checkpointSeconds", {
    // asked for at the beginning of a step
    get: () => (step < LAST_CHECKPOINT ? 0 : Number.POSITIVE_INFINITY),
  }),
);
