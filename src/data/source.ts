/** Where a data set's files lie: a folder or a zip, read without unpacking. */

/** One file of a source. */
export interface SourceFile {
  /** Path inside the source, parted by `/`. */
  readonly path: string;
  readonly bytes: number;
  /** Changes when the content does: modification time, or CRC in a zip. */
  readonly stamp: string;
}

export interface Source {
  readonly name: string;
  /** All files, sorted by path, without hidden ones. */
  readonly files: readonly SourceFile[];
  /** @throws DataError if the file is gone or damaged. */
  read(file: SourceFile): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Plain code-unit order, the same in every locale. */
export function sortedByPath(files: SourceFile[]): SourceFile[] {
  return files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** Dot files, and what macOS adds to zips. */
export function isHidden(name: string): boolean {
  return name.startsWith(".") || name === "__MACOSX";
}
