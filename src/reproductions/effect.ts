/** How much a system differs from its baseline, over seeds, and what that says of a claim. */
import { ConfigError } from "../errors.ts";

/** Whether the paper claims a smaller or a larger number than the baseline's. */
export type Claimed = "lower" | "higher";

/** `shown` and `opposite` where the whole interval lies on one side of no effect. */
export type Verdict = "shown" | "not-shown" | "opposite";

export interface Effect {
  /** Measured over baseline for times and counts, measured − baseline for anything else. */
  readonly kind: "ratio" | "difference";
  readonly value: number;
  /** 95 % interval over the seeds; null for a single seed, which has none. */
  readonly low: number | null;
  readonly high: number | null;
}

/** Two-sided 95 % points of Student's t distribution for 1 … 10 degrees of freedom. */
const student95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
/** Beyond the table; 2.228 falls to it slowly, so the interval is at most 3 % too wide. */
const student95Beyond = 2.228;

/**
 * Mean effect over pairs that share a seed, with Student's interval (t distribution, n − 1 degrees of
 * freedom); ratios are averaged as logarithms.
 *
 * @throws ConfigError for lists of different lengths, or ratios of numbers that are not positive.
 */
export function pairedEffect(
  kind: Effect["kind"],
  baseline: readonly number[],
  measured: readonly number[],
): Effect {
  const fits = baseline.length === measured.length && baseline.length > 0;
  const positive = [...baseline, ...measured].every((value) => value > 0);
  if (!fits || (kind === "ratio" && !positive)) {
    throw new ConfigError({
      where: "effect",
      expected: "one value of the baseline and one of the system for each seed, above 0 for ratios",
      got: `${baseline.join(", ")} and ${measured.join(", ")}`,
    });
  }
  const pairs = baseline.map((value, i) =>
    kind === "ratio" ? Math.log(measured[i]! / value) : measured[i]! - value,
  );
  const back = kind === "ratio" ? Math.exp : (value: number) => value;
  const n = pairs.length;
  const mean = pairs.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { kind, value: back(mean), low: null, high: null };
  const variance = pairs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const reach = (student95[n - 2] ?? student95Beyond) * Math.sqrt(variance / n);
  return { kind, value: back(mean), low: back(mean - reach), high: back(mean + reach) };
}

/** A claim is shown where no value of the interval contradicts it. */
export function verdictOf({ kind, low, high }: Effect, claimed: Claimed): Verdict {
  if (low === null || high === null) return "not-shown";
  const none = kind === "ratio" ? 1 : 0;
  if (high < none) return claimed === "lower" ? "shown" : "opposite";
  if (low > none) return claimed === "higher" ? "shown" : "opposite";
  return "not-shown";
}

/** The verdict on all measures of a claim: shown only if each is, opposite if any is. */
export function jointVerdict(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("opposite")) return "opposite";
  return verdicts.every((verdict) => verdict === "shown") ? "shown" : "not-shown";
}
