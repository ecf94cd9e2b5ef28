/** What a target has to reach, and whether it did. */

/** One bar; `atMost` where less is better. */
export interface Bar {
  readonly wanted: number;
  readonly atMost?: boolean;
  /** What the numbers are; shares of something by default. */
  readonly unit?: "share" | "bytes";
}

export interface BarResult extends Required<Bar> {
  readonly name: string;
  readonly got: number;
  readonly reached: boolean;
}

/** Compares bars with what was measured; bars of things that were not measured are left out. */
export function barResults(
  bars: Readonly<Record<string, Bar>>,
  got: Readonly<Record<string, number | undefined>>,
): BarResult[] {
  return Object.entries(bars).flatMap(([name, { wanted, atMost = false, unit = "share" }]) => {
    const value = got[name];
    if (value === undefined) return [];
    const reached = atMost ? value <= wanted : value >= wanted;
    return [{ name, wanted, atMost, unit, got: value, reached }];
  });
}
