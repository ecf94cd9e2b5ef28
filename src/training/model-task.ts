/** What the training of every model on a frozen tokenizer is told, whichever base it stands on. */
import type { RequestSource } from "./request-feeds.ts";
import type { TrainingTask } from "./task.ts";

export interface ModelTaskOptions
  extends Pick<RequestSource, "conditioning" | "requestOf">,
    Pick<TrainingTask, "preview" | "save"> {
  readonly tokenizerParameters: ReadonlyMap<string, Float32Array>;
  readonly batchSize: number;
  readonly seed: number;
}
