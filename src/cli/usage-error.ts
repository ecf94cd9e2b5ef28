import { nearNames } from "../checkpoints/near-names.ts";

/** A command line that cannot be run: all its problems at once. Exit code 2. */
export class UsageError extends Error {
  readonly problems: readonly string[];
  readonly hint: string;
  /** What would be right, where the problem does not say it. */
  readonly detail: string | undefined;

  /** @param hint a command to try, or a sentence. */
  constructor(problems: readonly string[], hint: string, detail?: string) {
    super(problems.join("; "));
    this.name = "UsageError";
    this.problems = problems;
    this.hint = hint;
    this.detail = detail;
  }
}

/** "unknown option --sed: did you mean --seed?" */
export function unknownWord(
  kind: "option" | "command",
  word: string,
  known: readonly string[],
  hint: string,
): UsageError {
  const near = nearNames(word, known).slice(0, 3);
  const question = near.length > 0 ? `: did you mean ${near.join(" or ")}?` : "";
  return new UsageError([`unknown ${kind} ${word}${question}`], hint);
}
