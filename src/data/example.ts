/** Examples of a data set, and what is left out of it. */

/** One picture of a data set and what is known about it. */
export interface Example {
  /** Path inside the data set. */
  readonly file: string;
  readonly text?: string;
  readonly label?: string;
  /** All other fields of its line in `metadata.jsonl`. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Listing {
  readonly examples: readonly Example[];
  readonly skipped: readonly Skipped[];
}

/** What was left out because it cannot be used. */
export interface Skipped {
  /** A picture, or a line of a metadata file. */
  readonly file: string;
  readonly reason: string;
}
