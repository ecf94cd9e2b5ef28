/** Pictures named on a command line, one by one or by the folder. */
import { readdir, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { DataError } from "../errors.ts";

const endings = new Set([
  ".png",
  ".jpg",
  ".jpeg",
  ".webp",
  ".gif",
  ".avif",
  ".tif",
  ".tiff",
  ".svg",
]);

/**
 * The files, with each folder replaced by the pictures in it, sorted by name.
 *
 * @throws DataError for a folder without pictures.
 */
export async function pictureFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => null);
    files.push(...(found?.isDirectory() ? await picturesOf(path) : [path]));
  }
  return files;
}

/** The name of a file without folder and ending. */
export function stemOf(path: string): string {
  return basename(path, extname(path));
}

async function picturesOf(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => endings.has(extname(name).toLowerCase()));
  if (names.length > 0) return names.sort().map((name) => join(folder, name));
  const expected = "a folder with pictures";
  throw new DataError({ where: folder, expected, got: "one without" });
}
