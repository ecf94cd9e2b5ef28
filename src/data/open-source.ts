/** Which kind of source a path is. */

import { stat } from "node:fs/promises";
import { DataError } from "../errors.ts";
import { openFolder } from "./folder.ts";
import type { Source } from "./source.ts";
import { openZip } from "./zip.ts";

/** @throws DataError if the path is no folder and no zip. */
export async function openSource(path: string): Promise<Source> {
  const expected = "a folder of pictures or a zip of one";
  const found = await stat(path).catch((cause: unknown) => {
    throw new DataError({ where: path, expected, got: "nothing there" }, { cause });
  });
  if (found.isDirectory()) return openFolder(path);
  if (/\.zip$/i.test(path)) return openZip(path);
  throw new DataError({ where: path, expected, got: "another kind of file" });
}
