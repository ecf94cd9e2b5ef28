/** What every result file says. */
import { z } from "zod";

/** Raised when a reader of the old form could misread the new one. */
export const RESULT_FORMAT = 1;

export interface RecordFacts {
  format: typeof RESULT_FORMAT;
  /** The part of the file's name after the kind: a parity case, a model, a system. */
  name: string;
  /** Name in the catalogue. */
  system: string;
  /** What Ordo calls itself, and what computed: for readers, not for the status. */
  ordo: string;
  device: string;
}

const name = z.string().regex(/^[a-z0-9][a-z0-9.-]*$/);

export const recordFacts: { [Key in keyof RecordFacts]: z.ZodType<RecordFacts[Key]> } = {
  format: z.literal(RESULT_FORMAT, {
    error: `this Ordo reads format ${RESULT_FORMAT}; a newer one may read this file`,
  }),
  name,
  system: name,
  ordo: z.string().min(1),
  device: z.string().min(1),
};
