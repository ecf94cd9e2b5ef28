/** Which of the given checkpoints hold which part of an official model, and of which system. */

import { checkpointKeys, openCheckpoint } from "../checkpoints/open-checkpoint.ts";
import type { TensorEntry } from "../checkpoints/tensor-file.ts";
import { unwrapped } from "../checkpoints/wrapped-names.ts";
import { CheckpointError } from "../errors.ts";
import type { FoundPart, ModelFiles, PartName, Release } from "./release.ts";
import { releases } from "./releases.ts";

export interface OfficialModel {
  readonly release: Release;
  readonly files: ModelFiles;
  close(): Promise<void>;
}

/** A part before it is known whether it is the one to take. */
interface Candidate extends FoundPart {
  readonly path: string;
  readonly release: Release;
  readonly part: PartName;
}

/**
 * Opens the parts; a training file may hold both. They are the caller's to close.
 *
 * @param key the dict to take where a file has several.
 * @throws CheckpointError if a file is no part of a known system, a part is there twice or missing, the
 * parts are of several systems, or no file has `key`.
 */
export async function openOfficialModel(
  paths: readonly string[],
  key?: string,
): Promise<OfficialModel> {
  const open: Candidate[] = [];
  const close = async () => {
    for (const { file } of open) await file.close();
  };
  try {
    for (const { path, keys } of await chosenKeys(paths, key)) {
      const found = open.length;
      for (const dict of keys) {
        const file = unwrapped(await openCheckpoint(path, dict === "" ? {} : { key: dict }));
        const known = partOf(file.entries);
        if (known) open.push({ file, key: dict, path, ...known });
        else await file.close();
      }
      if (open.length === found) throw unknownFile(path, keys);
    }
    return { ...chosenParts(open), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function partOf(entries: readonly TensorEntry[]): Pick<Candidate, "release" | "part"> | undefined {
  for (const release of releases) {
    const part = release.partOf(entries);
    if (part) return { release, part };
  }
  return undefined;
}

function chosenParts(open: readonly Candidate[]): Omit<OfficialModel, "close"> {
  const [{ release }, ...others] = open as [Candidate, ...Candidate[]];
  const stranger = others.find((one) => one.release !== release);
  if (stranger) {
    throw new CheckpointError({
      where: stranger.path,
      expected: "files of one system",
      got: [open[0]!, stranger]
        .map(({ release: { system }, part, path }) => `the ${part} of a ${system} (${path})`)
        .join(" and "),
      hint: `Beside ${release.files.transformer} belongs ${release.files.tokenizer}`,
    });
  }
  const [transformer, tokenizer] = (["transformer", "tokenizer"] as const).map((part) =>
    only(part, preferred(open.filter((one) => one.part === part))),
  );
  if (!tokenizer) {
    throw new CheckpointError({
      where: transformer!.path,
      expected: "a tokenizer beside the transformer",
      got: "none",
      hint: `Name its file too, such as ${release.files.tokenizer}`,
    });
  }
  return { release, files: { tokenizer, ...(transformer && { transformer }) } };
}

/** Of several dicts in one file, that which the official code takes. */
function preferred(found: readonly Candidate[]): readonly Candidate[] {
  return found.filter((one) => {
    const beside = found.filter(({ path }) => path === one.path).map(({ key }) => lastName(key));
    const first = one.release.prefers.find((name) => beside.includes(name));
    return first === undefined || lastName(one.key) === first;
  });
}

function lastName(key: string): string {
  return key.split(".").at(-1)!;
}

function only(part: PartName, found: readonly Candidate[]): Candidate | undefined {
  const [first, second] = found;
  if (!first || !second) return first;
  const name = ({ path, key }: Candidate) => (key === "" ? path : `${path} (${key})`);
  throw new CheckpointError({
    where: second.path,
    expected: `one ${part}`,
    got: `two: ${name(first)} and ${name(second)}`,
    hint: second.key === "" ? "Name one file for each part" : `Choose one: --key ${second.key}`,
  });
}

interface Keys {
  readonly path: string;
  readonly keys: readonly string[];
}

/** All dicts of every file, but of those that have the wanted one only that. */
async function chosenKeys(paths: readonly string[], key: string | undefined): Promise<Keys[]> {
  const chosen: Keys[] = [];
  let refusal: unknown;
  let matched = key === undefined;
  for (const path of paths) {
    if (key !== undefined) {
      const file = await openCheckpoint(path, { key }).catch((error: unknown) => {
        refusal ??= error;
        return null;
      });
      await file?.close();
      if (file) {
        matched = true;
        chosen.push({ path, keys: [key] });
        continue;
      }
    }
    chosen.push({ path, keys: await checkpointKeys(path) });
  }
  if (!matched) throw refusal;
  return chosen;
}

function unknownFile(path: string, keys: readonly string[]): CheckpointError {
  const dicts = keys.filter((key) => key !== "");
  const systems = releases.map(({ system }) => system).join(", ");
  return new CheckpointError({
    where: path,
    expected: `a transformer or tokenizer of ${systems} by its official names`,
    got: dicts.length > 0 ? `other tensors in ${dicts.slice(0, 10).join(", ")}` : "other tensors",
    hint: `ordo info ${JSON.stringify(path)}`,
  });
}
