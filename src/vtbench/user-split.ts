/** Pictures of users as a split: they are compared, and read by Tesseract alone. */
import { type Picture, readPicture } from "../images/index.ts";
import type { Split } from "./splits.ts";
import type { Task } from "./task.ts";

/** One split for each task. */
export function userSplits(files: readonly string[], chosen: readonly Task[]): Split[] {
  const load = async (index: number): Promise<{ picture: Picture }> => ({
    picture: await readPicture(files[index]!),
  });
  return chosen.map((task) => ({
    name: `data-${task}`,
    task,
    about: "pictures of --data, at their own size",
    count: files.length,
    latin: true,
    sample: load,
  }));
}
