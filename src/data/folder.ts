/** A folder of files, searched through. */

import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { isHidden, type Source, type SourceFile, sortedByPath } from "./source.ts";

/** Lists all files of a folder. */
export async function openFolder(root: string): Promise<Source> {
  const files: SourceFile[] = [];
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      if (isHidden(entry.name)) continue;
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      // links to files are followed, links to folders are not: they can go round in circles
      if (entry.isDirectory()) await walk(path);
      else if (entry.isFile() || entry.isSymbolicLink()) {
        const found = await stat(join(root, path)).catch(() => null);
        if (found?.isFile()) files.push({ path, bytes: found.size, stamp: `${found.mtimeMs}` });
      }
    }
  };
  await walk("");
  return {
    name: basename(resolve(root)),
    files: sortedByPath(files),
    read: async ({ path }) => readFile(join(root, path)),
    close: async () => {},
  };
}
