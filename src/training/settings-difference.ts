/** Where the settings of two runs differ, so that a run is never continued as another one. */

export interface Difference {
  /** `plan.steps`; "settings" if they are no JSON objects. */
  readonly path: string;
  readonly before: unknown;
  readonly now: unknown;
}

/** All fields that differ between two settings written as JSON, in the order of the second. */
export function settingsDifference(before: string, now: string): Difference[] {
  if (before === now) return [];
  const [a, b] = [fields(before), fields(now)];
  if (!a || !b) return [{ path: "settings", before, now }];
  return [...new Set([...b.keys(), ...a.keys()])]
    .filter((path) => a.get(path) !== b.get(path))
    .map((path) => ({ path, before: a.get(path), now: b.get(path) }));
}

const SHOWN = 4;

/** "plan.steps 200 instead of 100, plan.seed 1 instead of 2". */
export function inWords(differences: readonly Difference[]): string {
  const shown = differences
    .slice(0, SHOWN)
    .map(({ path, before, now }) => `${path} ${text(before)} instead of ${text(now)}`);
  const more = differences.length - SHOWN;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(", ");
}

function text(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

/** Paths and values of everything that holds nothing else; null if it is no object. */
function fields(json: string): Map<string, unknown> | null {
  const found = new Map<string, unknown>();
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null) found.set(path, value);
    else
      for (const [key, item] of Object.entries(value)) visit(item, path ? `${path}.${key}` : key);
  };
  try {
    const parsed: unknown = JSON.parse(json);
    if (typeof parsed !== "object" || parsed === null) return null;
    visit(parsed, "");
    return found;
  } catch {
    return null;
  }
}
