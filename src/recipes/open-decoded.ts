/** Data sets whose pictures are decoded before anything else happens. */
import { cacheDataset } from "../data/cache.ts";
import { type Dataset, type DatasetSelection, openDataset } from "../data/dataset.ts";
import type { TrainOptions } from "./run.ts";

/** Opens and decodes once, so that broken pictures are known from the start. */
export async function openDecoded(
  { data, onDecode, signal }: Pick<TrainOptions, "data" | "onDecode" | "signal">,
  select: DatasetSelection,
  size: number,
): Promise<Dataset> {
  const opened = await openDataset(data, select);
  try {
    return await cacheDataset(opened, {
      size,
      onProgress: (done, total) => {
        signal?.throwIfAborted();
        onDecode?.(done, total);
      },
    });
  } catch (error) {
    await opened.close();
    throw error;
  }
}
