/** How close reconstructions are to their originals, picture by picture. */
import type { PerceptualNetwork } from "../features/feature-network.ts";
import type { Picture } from "../images/picture.ts";
import { bootstrapMean } from "../metrics/bootstrap.ts";
import { meanPsnr, psnr } from "../metrics/psnr.ts";
import { type SsimVariant, ssim } from "../metrics/ssim.ts";
import { type Metric, type MetricInterval, unavailable } from "./metric.ts";

/** Windows of 7 and 11 pixels: smaller pictures have no such number. */
const ssimVariants: Readonly<Partial<Record<SsimVariant, number>>> = {
  gaussian: 11,
  "scikit-image": 7,
};

export interface PairOptions {
  readonly perceptual: PerceptualNetwork;
  /** Pairs that it sees at once. */
  readonly batch: number;
}

export class PairMetrics {
  readonly psnr: number[] = [];
  readonly ssim: ReadonlyMap<SsimVariant, number[]>;
  readonly perceptual: number[] = [];
  readonly #options: PairOptions;
  #waiting: (readonly [original: Picture, rebuilt: Picture])[] = [];

  constructor(options: PairOptions) {
    this.#options = options;
    this.ssim = new Map(Object.keys(ssimVariants).map((name) => [name as SsimVariant, []]));
  }

  /** @throws ShapeError if the two differ in size. */
  async add(original: Picture, rebuilt: Picture): Promise<void> {
    this.psnr.push(psnr(original, rebuilt));
    const side = Math.min(original.width, original.height);
    for (const [variant, values] of this.ssim) {
      if (side < ssimVariants[variant]!) continue;
      values.push(ssim(original, rebuilt, { range: 255, variant }));
    }
    this.#waiting.push([original, rebuilt]);
    if (this.#waiting.length >= this.#options.batch) await this.#measureWaiting();
  }

  /** @param seed of the intervals. */
  async metrics(seed: number): Promise<Metric[]> {
    await this.#measureWaiting();
    return [
      psnrMetric(this.psnr, seed),
      ...Array.from(this.ssim, ([variant, values]) => ssimMetric(variant, values, seed)),
      this.#perceptualMetric(seed),
    ];
  }

  async #measureWaiting(): Promise<void> {
    const pairs = this.#waiting;
    if (pairs.length === 0) return;
    this.#waiting = [];
    const originals = pairs.map(([original]) => original);
    const rebuilt = pairs.map(([, picture]) => picture);
    this.perceptual.push(...(await this.#options.perceptual.distances(originals, rebuilt)));
  }

  #perceptualMetric(seed: number): Metric {
    const values = this.perceptual;
    return {
      id: "perceptual",
      name: this.#options.perceptual.name,
      better: "lower",
      value: meanOf(values),
      interval: meanInterval(values, seed),
      count: values.length,
      note: "mean over the pictures",
    };
  }
}

function psnrMetric(ratios: readonly number[], seed: number): Metric {
  const { mean, equal } = meanPsnr(ratios);
  const count = ratios.length;
  const head = { id: "psnr", name: "PSNR", better: "higher", count } as const;
  if (mean === null) return unavailable(head, "all pictures equal their originals");
  const finite = ratios.filter(Number.isFinite);
  return {
    ...head,
    value: mean,
    unit: "dB",
    interval: meanInterval(finite, seed),
    note: `mean over the pictures, bytes${equal > 0 ? `; ${equal} equal ones left out` : ""}`,
  };
}

function ssimMetric(variant: SsimVariant, values: readonly number[], seed: number): Metric {
  const name = variant === "gaussian" ? "SSIM (Wang et al., Gaussian 11)" : `SSIM (${variant})`;
  const head = { id: `ssim-${variant}`, name, better: "higher", count: values.length } as const;
  if (values.length === 0) return unavailable(head, `needs ${ssimVariants[variant]} pixels a side`);
  const note = "range 255, mean over channels and pictures";
  return { ...head, value: meanOf(values), interval: meanInterval(values, seed), note };
}

export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

export function meanInterval(values: readonly number[], seed: number): MetricInterval {
  const { low, high, confidence, resamples } = bootstrapMean(values, { seed });
  const method = `bootstrap, ${resamples} resamples of the pictures`;
  return { low, high, confidence, method };
}
