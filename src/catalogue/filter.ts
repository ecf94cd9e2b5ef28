/** Which rows a reader asked for. */
import type { CatalogueRow } from "./row.ts";
import { axes, roles, wordsOf } from "./taxonomy.ts";

/** Every word that a filter knows: those of the axes, and the roles. */
export const classWords: readonly string[] = [
  ...new Set([...Object.values(axes).flat(), ...roles]),
];

/**
 * Whether a row has a class: `scale` on any axis or as its role, `order=scale` on one axis only
 * (`role=trainer` for the role).
 */
export function matches({ classes, role }: CatalogueRow, wanted: string): boolean {
  const [axis, word] = split(wanted);
  const own = [...(classes ? wordsOf(classes) : []), { axis: "role", word: role }];
  return own.some((found) => found.word === word && (axis === null || found.axis === axis));
}

/** What is wrong with a filter, or null. */
export function filterProblem(wanted: string): string | null {
  const [axis, word] = split(wanted);
  const known: Readonly<Record<string, readonly string[]>> = { ...axes, role: roles };
  if (axis === null) return classWords.includes(word) ? null : `no class is called ${word}`;
  const words = known[axis];
  if (!words) return `there is no axis ${axis}; there are: ${Object.keys(known).join(", ")}`;
  return words.includes(word) ? null : `${axis} is one of ${words.join(", ")}`;
}

function split(wanted: string): [axis: string | null, word: string] {
  const [first = "", second] = wanted.toLowerCase().split("=");
  return second === undefined ? [null, first] : [first, second];
}
