/** What the pictures of a batch are conditioned on, some of them on nothing. */
import type { Conditioning, Request } from "../conditioning/conditioning.ts";
import type { Batch } from "../data/batches.ts";
import type { Random } from "../random/random.ts";
import type { HostTensor } from "../runtime/handle.ts";

export interface RequestSource {
  readonly conditioning: Conditioning;
  readonly objective: {
    /** How often the condition is replaced by the null branch. */
    readonly conditionDrop: number;
  };
  /** What a picture is conditioned on: its words, or the number of its class. */
  readonly requestOf: (batch: Batch, index: number, variation: Random) => Request;
}

export function requestFeeds(
  { conditioning, objective, requestOf }: RequestSource,
  batch: Batch,
  variation: Random,
): Readonly<Record<string, HostTensor>> {
  const requests = batch.texts.map((_, i) => {
    const dropped = variation.uniform() < objective.conditionDrop;
    if (!dropped) return requestOf(batch, i, variation);
    // draws nothing more unless the null branch needs to know whose it is
    return conditioning.without?.(requestOf(batch, i, variation)) ?? null;
  });
  return conditioning.feeds(requests, variation).feeds;
}
