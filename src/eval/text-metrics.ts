/** How well pictures show what their texts say, by CLIP (metrics sheet, "CLIP score"). */
import type { TextImageNetwork } from "../features/text-image-network.ts";
import {
  clipScoreRule,
  pairedSimilarities,
  type ScoreRule,
} from "../metrics/embedding-similarity.ts";
import { type Metric, unavailable } from "./metric.ts";
import { meanInterval, meanOf } from "./pair-metrics.ts";
import { inBatches, type PictureSet } from "./picture-set.ts";
import type { Setting } from "./result.ts";

interface TextMetric {
  readonly id: string;
  readonly title: string;
  readonly rule: ScoreRule;
  /** Stands before every text. */
  readonly prefix: string;
}

/** The score of captioning (Hessel et al. 2021), and what tables of text-to-image models give. */
const textMetricKinds: readonly TextMetric[] = [
  { id: "clip-score", title: "CLIPScore", rule: clipScoreRule, prefix: "A photo depicts " },
  {
    id: "clip-cosine",
    title: "CLIP cosine x100",
    rule: { factor: 100, clamp: false },
    prefix: "",
  },
];

export interface TextMetricOptions {
  readonly network: TextImageNetwork;
  /** Pictures that are in memory at once. */
  readonly batch: number;
  /** Of the intervals. */
  readonly seed: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

/**
 * The places of the pictures that have texts, ascending. File names stand for texts where nothing else
 * does, and numbered ones say nothing: a text has a letter.
 */
export function picturesWithTexts({ examples }: PictureSet): number[] {
  return (examples ?? []).flatMap(({ text = "" }, index) => (/\p{L}/u.test(text) ? [index] : []));
}

/**
 * Each picture against its own text; pictures without one do not count.
 *
 * @throws DataError for a broken picture; the signal's reason if it aborts.
 */
export async function textMetrics(
  set: PictureSet,
  { network, batch, seed, signal, onProgress }: TextMetricOptions,
): Promise<Metric[]> {
  const chosen = picturesWithTexts(set);
  const scores = textMetricKinds.map((): number[] => []);
  let done = 0;
  for await (const stored of inBatches(set.pictures(chosen), batch)) {
    signal?.throwIfAborted();
    const pictures = await Promise.all(stored.map((picture) => picture.decode()));
    const texts = stored.map(({ index }) => set.examples![index]!.text!);
    const images = await network.images(pictures);
    for (const [i, { prefix, rule }] of textMetricKinds.entries()) {
      const embedded = await network.texts(texts.map((text) => prefix + text));
      scores[i]!.push(...pairedSimilarities(images, embedded, rule));
    }
    done += stored.length;
    onProgress?.(done);
  }
  return textMetricKinds.map((kind, i) => metricOf(kind, network, scores[i]!, seed));
}

function metricOf(
  { id, title, rule, prefix }: TextMetric,
  { name }: TextImageNetwork,
  scores: readonly number[],
  seed: number,
): Metric {
  const count = scores.length;
  const head = { id, name: `${title}[${name}]`, better: "higher", count } as const;
  if (count === 0) return unavailable(head, "needs pictures with texts");
  const cosine = rule.clamp ? "max(cosine, 0)" : "cosine";
  const texts = prefix === "" ? "texts as they are" : `texts behind ${JSON.stringify(prefix)}`;
  return {
    ...head,
    value: meanOf(scores),
    interval: meanInterval(scores, seed),
    note: `mean of ${rule.factor} · ${cosine} over the pictures, ${texts}`,
  };
}

/** What shaped the numbers. */
export function textMetricSettings({
  name,
  preprocessing,
}: TextImageNetwork): Record<string, Setting> {
  const perKind = textMetricKinds.flatMap(({ title, rule, prefix }): [string, Setting][] => [
    [`${title}: factor`, rule.factor],
    [`${title}: negative cosines count as 0`, rule.clamp],
    [`${title}: before each text`, JSON.stringify(prefix)],
  ]);
  return { "CLIP network": name, "CLIP input": preprocessing, ...Object.fromEntries(perKind) };
}
