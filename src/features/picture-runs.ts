import type { Picture } from "../images/picture.ts";

/** Pictures as runs of neighbours of one size: a set may hold many sizes, a graph takes one. */
export function runsOfOneSize<P extends Pick<Picture, "width" | "height">>(
  pictures: readonly P[],
): P[][] {
  const runs: P[][] = [];
  for (const picture of pictures) {
    const run = runs.at(-1);
    const first = run?.[0];
    const fits = first?.width === picture.width && first.height === picture.height;
    if (run && fits) run.push(picture);
    else runs.push([picture]);
  }
  return runs;
}
