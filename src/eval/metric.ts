/** One measured number with all that is needed to judge it. */

export interface MetricInterval {
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
  /** How it was found, in words. */
  readonly method: string;
}

export interface Metric {
  /** Short name for programs: `fd`, `kd`, `psnr`. */
  readonly id: string;
  /** Full name, with the network in it: `FD[…]`, `FID`. */
  readonly name: string;
  readonly better: "lower" | "higher" | "neither";
  /** Null where it could not be measured. */
  readonly value: number | null;
  readonly unit?: string;
  /** What is missing, if `value` is null. */
  readonly unavailable?: string;
  readonly interval?: MetricInterval;
  /** Rows that went into it. */
  readonly count: number;
  readonly referenceCount?: number;
  /** What this metric says of the reference itself. */
  readonly floor?: { readonly value: number; readonly words: string };
  /** How it was computed, as far as its name leaves that open. */
  readonly note?: string;
}

/** A metric that cannot be had here, and why. */
export function unavailable(
  metric: Pick<Metric, "id" | "name" | "better" | "count">,
  missing: string,
): Metric {
  return { ...metric, value: null, unavailable: missing };
}

/** Four significant digits, without an exponent where that is short. */
export function figure(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e7 || size < 1e-5) return value.toExponential(2);
  const decimals = Math.max(0, 3 - Math.floor(Math.log10(size)));
  return value.toFixed(Math.min(decimals, 7));
}

/** The value as tables show it. */
export function valueWords({ value, unit, unavailable: missing }: Metric): string {
  if (value === null) return `unavailable: ${missing}`;
  return unit ? `${figure(value)} ${unit}` : figure(value);
}

export function intervalWords({ interval }: Metric): string {
  return interval ? `${figure(interval.low)} … ${figure(interval.high)}` : "";
}
