/** A tokenizer against the pictures that went into it. Axes: K scales · V codes. */
import { metricName, type PerceptualNetwork } from "../features/feature-network.ts";
import type { Picture } from "../images/picture.ts";
import { bootstrapInterval } from "../metrics/bootstrap.ts";
import { type CodebookStatistics, CodeCounts } from "../metrics/codebook-statistics.ts";
import { frechetDistance } from "../metrics/frechet.ts";
import { floorOf, recentred, resamplesFor } from "./frechet-metrics.ts";
import { counting, type MeasureOptions, requireTwo, summarize } from "./measure-sets.ts";
import { type Metric, unavailable } from "./metric.ts";
import { PairMetrics } from "./pair-metrics.ts";
import { type PictureSet, pixelHash } from "./picture-set.ts";
import type { SetSummary } from "./set-summary.ts";

/** Pictures through a tokenizer and back. */
export interface Reconstructor {
  readonly name: string;
  readonly size: { readonly width: number; readonly height: number };
  /** V; absent where tokens are no codes. */
  readonly codebookSize?: number;
  /** Sizes of the token maps. */
  readonly maps: readonly { readonly height: number; readonly width: number }[];
  /** Ids of each map, if tokens are codes, and the picture that they stand for. */
  tokenize(
    picture: Picture,
  ): Promise<{ readonly ids: readonly ArrayLike<number>[]; readonly picture: Picture }>;
}

export interface ReconstructionMeasurement {
  readonly metrics: readonly Metric[];
  readonly originals: SetSummary;
  readonly pairs: PairMetrics;
  readonly scales: readonly ScaleStatistics[];
}

export interface ScaleStatistics extends CodebookStatistics {
  /** `4x4`, or `all`. */
  readonly scale: string;
}

export interface MeasureReconstructionsOptions extends MeasureOptions {
  readonly perceptual: PerceptualNetwork;
}

/**
 * @param originals decoded to the tokenizer's size.
 * @throws DataError for fewer than 2 pictures or broken ones; the signal's reason if it aborts.
 */
export async function measureReconstructions(
  originals: PictureSet,
  tokenizer: Reconstructor,
  options: MeasureReconstructionsOptions,
): Promise<ReconstructionMeasurement> {
  requireTwo(originals);
  const passing = { ...options, places: false };
  const onRows = counting(2 * originals.count, options.onProgress);
  const reference = await summarize(originals, passing, ({ count }) => onRows(count));
  const pairs = new PairMetrics(options);
  const { maps, codebookSize = 0 } = tokenizer;
  const counts = maps.map(() => new CodeCounts(codebookSize));
  const rebuilt = reconstructions(originals, tokenizer, async (original, { ids, picture }) => {
    ids.forEach((map, scale) => {
      counts[scale]!.add(map);
    });
    await pairs.add(original, picture);
  });
  const samples = await summarize(rebuilt, passing, ({ count }) => onRows(count));
  const scales = scaleStatistics(tokenizer, counts);
  return {
    metrics: [
      reconstructionFrechet(samples, reference, options),
      ...(await pairs.metrics(options.seed)),
      ...codeMetrics(tokenizer, scales, originals.count),
    ],
    originals: reference,
    pairs,
    scales,
  };
}

/** The reconstructions of a set as a set, made while they are read. */
function reconstructions(
  originals: PictureSet,
  tokenizer: Reconstructor,
  onPair: (
    original: Picture,
    rebuilt: Awaited<ReturnType<Reconstructor["tokenize"]>>,
  ) => Promise<void>,
): PictureSet {
  return {
    ...originals,
    name: tokenizer.name,
    decoding: "as reconstructed",
    pictures: async function* (indices) {
      for await (const stored of originals.pictures(indices)) {
        const original = await stored.decode();
        const rebuilt = await tokenizer.tokenize(original);
        await onPair(original, rebuilt);
        const { picture } = rebuilt;
        yield { ...stored, hash: pixelHash(picture), decode: async () => picture };
      }
    },
  };
}

/** Both sides are dealt into the same groups, so that a picture is resampled with its own pair. */
function reconstructionFrechet(
  samples: SetSummary,
  reference: SetSummary,
  { network, seed }: MeasureReconstructionsOptions,
): Metric {
  const distance = (groups?: Int32Array) =>
    frechetDistance(samples.moments.statistics(groups), reference.moments.statistics(groups))
      .distance;
  const value = distance();
  const { groups } = samples.moments;
  const resampled = bootstrapInterval([groups], ([rows]) => distance(rows), {
    seed,
    resamples: resamplesFor(network.width),
  });
  return {
    id: "rfd",
    name: `r${metricName("FD", network)}`,
    better: "lower",
    value,
    interval: recentred(value, resampled, `of ${groups} random groups of pairs`),
    count: samples.count,
    referenceCount: reference.count,
    ...floorOf(reference.moments, seed),
  };
}

function scaleStatistics(
  { maps, codebookSize }: Reconstructor,
  counts: readonly CodeCounts[],
): ScaleStatistics[] {
  if (codebookSize === undefined) return [];
  const all = new CodeCounts(codebookSize);
  for (const one of counts) all.merge(one);
  const named = maps.map(({ height, width }, i) => ({
    scale: `${width}x${height}`,
    ...counts[i]!.statistics(),
  }));
  return [...named, { scale: "all", ...all.statistics() }];
}

function codeMetrics(
  { size, codebookSize, maps }: Reconstructor,
  statistics: readonly ScaleStatistics[],
  count: number,
): Metric[] {
  const all = statistics.at(-1);
  if (!all || codebookSize === undefined) {
    const head = { id: "usage", name: "codebook usage", better: "higher", count } as const;
    return [unavailable(head, "needs tokens that are codes")];
  }
  const tokens = maps.reduce((sum, { height, width }) => sum + height * width, 0);
  const area = size.width * size.height;
  const coded = statistics.slice(0, -1).reduce((sum, one) => sum + one.tokens * one.entropy, 0);
  const of = `${all.tokens} tokens of ${codebookSize} codes, all maps`;
  const row = (id: string, name: string, value: number, rest: Partial<Metric>): Metric => ({
    id,
    name,
    better: "higher",
    value,
    count,
    ...rest,
  });
  return [
    row("usage", "codebook usage", 100 * all.usage, { unit: "%", note: `codes that occur; ${of}` }),
    row("perplexity", "codebook perplexity", all.perplexity, { note: of }),
    row("entropy", "codebook entropy", all.entropy, { unit: "bits", note: of }),
    row("bpp", "bits per pixel", (tokens * Math.log2(codebookSize)) / area, {
      better: "neither",
      note: `${tokens} tokens of log2(${codebookSize}) bits, ${size.width}x${size.height} pixels`,
    }),
    row("bpp-entropy", "bits per pixel, entropy coded", coded / count / area, {
      better: "neither",
      note: "each map at its own entropy",
    }),
  ];
}
