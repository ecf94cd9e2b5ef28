/** Pictures through compiled graphs, some at a time. */
import type { Picture } from "../images/picture.ts";

/**
 * Cuts pictures into runs of at most `most` neighbours of one size.
 *
 * Sets may hold pictures of many sizes, and a graph takes one size at a time.
 */
export function runsOfOneSize<P extends Pick<Picture, "width" | "height">>(
  pictures: readonly P[],
  most: number,
): P[][] {
  const runs: P[][] = [];
  for (const picture of pictures) {
    const run = runs.at(-1);
    const first = run?.[0];
    const fits = first && first.width === picture.width && first.height === picture.height;
    if (run && fits && run.length < most) run.push(picture);
    else runs.push([picture]);
  }
  return runs;
}

/** [B, D] and [B, K] of several runs as one array each. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
