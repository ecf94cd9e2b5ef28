/** Data sets of pictures with words or labels, from a folder or a zip. */

import { DataError } from "../errors.ts";
import { type Picture, type ReadOptions, readPicture } from "../images/index.ts";
import type { Example, Skipped } from "./example.ts";
import { type ExampleRule, matchesAny } from "./filter.ts";
import { type HoldOut, isOnSide } from "./hold-out.ts";
import { listExamples } from "./listing.ts";
import { openSource } from "./open-source.ts";
import type { SourceFile } from "./source.ts";

/** How to decode; the defaults are those of `readPicture`. */
export type LoadOptions = Pick<ReadOptions, "size" | "fit" | "background">;

export interface Dataset {
  readonly name: string;
  /** Number of examples. */
  readonly size: number;
  readonly examples: readonly Example[];
  /** Identifies the examples' files and content, one line each, for caches. */
  readonly fingerprint: readonly string[];
  /** What could not be used so far; grows as broken pictures are met. */
  skipped(): readonly Skipped[];
  /** The decoded picture, or null if it is broken. */
  load(index: number, options?: LoadOptions): Promise<Picture | null>;
  close(): Promise<void>;
}

/** What selects examples, in a form that recipes and workers can hold. */
export interface DatasetSelection {
  /** Only files below this folder of the data set: `train`. */
  readonly folder?: string;
  /** Leaves out examples that match any rule. */
  readonly exclude?: readonly ExampleRule[];
  /** Only those on one side of a division that the file names make. */
  readonly holdOut?: HoldOut;
  /** Keeps only so many of those that are left, in their order. */
  readonly first?: number;
}

export interface DatasetOptions extends DatasetSelection {
  /** Keeps examples for which this is true. */
  readonly filter?: (example: Example) => boolean;
}

/**
 * Opens an image folder, searched through, or a zip of one, which is not unpacked. Words and labels
 * come from `metadata.jsonl`, else from class folders, else from the file names.
 *
 * @throws DataError if nothing is there or no example is left.
 */
export async function openDataset(path: string, options: DatasetOptions = {}): Promise<Dataset> {
  const source = await openSource(path);
  try {
    const prefix = options.folder ? `${options.folder.replace(/\/+$/, "")}/` : "";
    const files = source.files.filter((file) => file.path.startsWith(prefix));
    const listing = await listExamples(source, files);
    const excluded = matchesAny(options.exclude ?? []);
    const keep = options.filter ?? (() => true);
    const onSide = ({ file }: Example) => !options.holdOut || isOnSide(file, options.holdOut);
    const examples = listing.examples
      .filter((example) => !excluded(example) && onSide(example) && keep(example))
      .slice(0, options.first);
    if (examples.length === 0) {
      const where = prefix ? `${path} (folder ${prefix})` : path;
      throw noExamples(where, listing.examples.length, listing.skipped);
    }
    const byPath = new Map(files.map((file) => [file.path, file]));
    const chosen = examples.map((example) => byPath.get(example.file)!);
    const skipped = [...listing.skipped];
    const broken = new Set<number>();
    return {
      name: source.name,
      size: examples.length,
      examples,
      fingerprint: chosen.map(fingerprint),
      skipped: () => skipped,
      load: async (index, loadOptions = {}) => {
        const file = chosen[index]!;
        try {
          return await readPicture(await source.read(file), { ...loadOptions, name: file.path });
        } catch (error) {
          if (!broken.has(index)) skipped.push({ file: file.path, reason: reasonOf(error) });
          broken.add(index);
          return null;
        }
      },
      close: () => source.close(),
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** The distinct labels in alphabetical order: class k of a model is the k-th of them. */
export function labelNames(dataset: Pick<Dataset, "examples">): string[] {
  const labels = dataset.examples.flatMap(({ label }) => (label === undefined ? [] : [label]));
  return [...new Set(labels)].sort();
}

function fingerprint({ path, bytes, stamp }: SourceFile): string {
  return `${path}\t${bytes}\t${stamp}`;
}

function reasonOf(error: unknown): string {
  if (error instanceof DataError) return error.facts.got;
  return error instanceof Error ? error.message : String(error);
}

function noExamples(where: string, listed: number, skipped: readonly Skipped[]): DataError {
  if (listed > 0) {
    return new DataError({
      where,
      expected: "at least one example",
      got: `${listed}, all of them excluded`,
      hint: "Loosen exclude or filter",
    });
  }
  const first = skipped[0];
  return new DataError({
    where,
    expected: "pictures (PNG, JPEG, WebP, GIF, AVIF or TIFF)",
    got: first ? `none that can be used (${first.file}: ${first.reason})` : "none",
  });
}
