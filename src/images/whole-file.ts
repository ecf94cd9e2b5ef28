import { type FileContent, writeWhole as writeFile } from "../checkpoints/whole-file.ts";
import { DataError } from "../errors.ts";

/**
 * Writes a file of pictures or their tokens whole or not at all.
 *
 * @throws DataError naming the file if the folder is missing, read-only or full.
 */
export function writeWhole(path: string, content: FileContent): Promise<void> {
  return writeFile(path, content, { error: DataError });
}
