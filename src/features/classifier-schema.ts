/** What the sizes of each architecture must look like, in recipes and in folders. */
import { z } from "zod";

type Count = z.ZodInt;
type Counts = z.ZodArray<z.ZodInt>;

const count: Count = z.int().positive();
const channels: Counts = z.array(count).min(1);

export const smallResnetFields: {
  channels: Counts;
  blocks: Counts;
  dimensions: Count;
  groups: Count;
} = { channels, blocks: z.array(z.int().nonnegative()).min(1), dimensions: count, groups: count };

export const smallConvnetFields: { filters: Count; channels: Counts; dimensions: Count } = {
  filters: count,
  channels,
  dimensions: count,
};

export const unknownArch = 'expected "small-resnet" or "small-convnet"';
