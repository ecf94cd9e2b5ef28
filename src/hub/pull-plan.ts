/** Which files a reference means, and how much of each is there already. */

import { nearNames } from "../checkpoints/near-names.ts";
import { CheckpointError } from "../errors.ts";
import { blobPath, fileSize, partialPath, snapshotPath } from "./cache-tree.ts";
import type { HubFile, Listing } from "./hub-files.ts";
import { formatHubReference, type HubReference } from "./reference.ts";
import type { HubSettings } from "./settings.ts";

/** `cached`: it was there; `missing`: it would be fetched; `partial`: the rest would be. */
export type FileState = "cached" | "partial" | "missing";

export interface FilePlan {
  readonly file: HubFile;
  readonly before: FileState;
  /** Bytes that need not be fetched. */
  readonly there: number;
  readonly isLinked: boolean;
}

export async function planFile(
  reference: HubReference,
  { cache }: HubSettings,
  commit: string,
  file: HubFile,
): Promise<FilePlan> {
  const pointer = await fileSize(snapshotPath(cache, reference, commit, file.path));
  const blob = await fileSize(blobPath(cache, reference, file.hash.hex));
  const isLinked = pointer === file.size;
  if (isLinked || blob === file.size) return { file, before: "cached", there: file.size, isLinked };
  const begun = (await fileSize(partialPath(cache, reference, file.hash.hex))) ?? 0;
  const there = begun <= file.size ? begun : 0;
  return { file, before: there > 0 ? "partial" : "missing", there, isLinked };
}

/** The files of a listing that a reference means. @throws CheckpointError with near names */
export function chosenFiles(reference: HubReference, { paths }: Listing): readonly string[] {
  const where = formatHubReference(reference);
  if (reference.path === undefined) {
    if (paths.length > 0) return paths;
    throw new CheckpointError({ where, expected: "files", got: "an empty repository" });
  }
  const wanted = reference.path;
  if (paths.includes(wanted)) return [wanted];
  const inside = paths.filter((path) => path.startsWith(`${wanted}/`));
  if (inside.length > 0) return inside;
  const { path: _, ...repository } = reference;
  const near = nearNames(wanted, paths).slice(0, 3);
  throw new CheckpointError({
    where,
    expected: "a file or folder of the repository",
    got: `none of that name among its ${paths.length} files`,
    hint:
      near.length > 0
        ? `Did you mean ${near.join(" or ")}?`
        : `ordo pull ${formatHubReference(repository)} --dry-run`,
  });
}
