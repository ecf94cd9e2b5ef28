/** How often a classifier names the class of pictures. */
import { type ClassifierOptions, classify } from "../features/classifier.ts";
import { argmax } from "../graph/ops/order.ts";
import { input } from "../graph/ops/source.ts";
import { type Picture, toPixels } from "../images/picture.ts";
import { Scope } from "../nn/layer.ts";
import type { Device } from "../runtime/device.ts";
import { compile } from "../runtime/function.ts";

/** Larger batches are no faster. */
const BATCH = 50;

export interface ClassifierToMeasure {
  readonly network: ClassifierOptions;
  readonly side: number;
  readonly parameters: ReadonlyMap<string, Float32Array>;
}

export interface LabelledPicture {
  readonly picture: Picture;
  readonly label: number;
}

export interface JudgedPicture extends LabelledPicture {
  /** Whether the classifier names its class. */
  readonly right: boolean;
}

export type LabelledPictures = AsyncIterable<LabelledPicture> | Iterable<LabelledPicture>;

/** Every picture with whether its class is named, in order. */
export async function* judge(
  device: Device,
  { network, side, parameters }: ClassifierToMeasure,
  pictures: LabelledPictures,
): AsyncGenerator<JudgedPicture> {
  const pixels = input("pixels", "float32", [BATCH, 3, side, side]);
  const guess = argmax(classify(new Scope(), pixels, network).logits);
  const fn = await compile(device, "measure", { guess }, { constants: parameters });
  try {
    for await (const some of inBatches(pictures)) {
      const fed = new Float32Array(BATCH * 3 * side * side);
      fed.set(toPixels(some.map(({ picture }) => picture)));
      const { data } = (await fn.run({ pixels: fed })).guess!;
      for (const [i, one] of some.entries()) yield { ...one, right: Number(data[i]) === one.label };
    }
  } finally {
    await fn.release();
  }
}

/** Share of the pictures whose class is named, 0 … 1. */
export async function accuracyOf(
  device: Device,
  classifier: ClassifierToMeasure,
  pictures: LabelledPictures,
): Promise<number> {
  let [all, right] = [0, 0];
  for await (const one of judge(device, classifier, pictures)) {
    all++;
    if (one.right) right++;
  }
  return right / all;
}

async function* inBatches<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T[]> {
  let some: T[] = [];
  for await (const item of items) {
    some.push(item);
    if (some.length < BATCH) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}
