/** Pictures that are kept apart from training, chosen by their names so that no run ever changes them. */
import { createHash } from "node:crypto";

/** One side of a division of a data set. */
export interface HoldOut {
  /** How many of all pictures are kept apart, about; 0 … 1. */
  readonly share: number;
  /** Those that are kept apart, or the others. */
  readonly part: "held" | "rest";
}

/** Whether a file lies on the side that is asked for. Its name alone decides, not its folder. */
export function isOnSide(file: string, { share, part }: HoldOut): boolean {
  const name = file.split("/").at(-1)!;
  const hash = createHash("sha256").update(name).digest().readUInt32BE();
  return hash < share * 2 ** 32 === (part === "held");
}
