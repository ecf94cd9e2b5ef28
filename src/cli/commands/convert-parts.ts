/** Which of the given checkpoints hold which part of a VAR. */

import { officialVarPart } from "../../checkpoints/official-var-sizes.ts";
import { checkpointKeys, openCheckpoint } from "../../checkpoints/open-checkpoint.ts";
import type { TensorFile } from "../../checkpoints/tensor-file.ts";
import { unwrapped } from "../../checkpoints/wrapped-names.ts";
import { CheckpointError } from "../../errors.ts";

export interface VarPart {
  readonly file: TensorFile;
  /** Which dict of the file; empty if it has only one. */
  readonly key: string;
}

export interface VarParts {
  readonly transformer?: VarPart;
  readonly tokenizer?: VarPart;
}

/**
 * Opens the parts; a training file may hold both. They are the caller's to close.
 *
 * @param key the dict to take where a file has several.
 * @throws CheckpointError if a file is neither part, a part is there twice, or no file has `key`.
 */
export async function openVarParts(paths: readonly string[], key?: string): Promise<VarParts> {
  const found: { -readonly [K in keyof VarParts]: VarParts[K] } = {};
  const closeAll = async () => {
    for (const part of Object.values(found)) await part?.file.close();
  };
  try {
    for (const { path, keys } of await chosenKeys(paths, key)) {
      const used: string[] = [];
      for (const dict of keys) {
        const file = unwrapped(await openCheckpoint(path, dict === "" ? {} : { key: dict }));
        const part = officialVarPart(file.entries);
        const other = part && found[part];
        if (part && !other) {
          found[part] = { file, key: dict };
          used.push(dict);
          continue;
        }
        await file.close();
        if (part && other) throw twice(part, other, { path, key: dict });
      }
      if (used.length === 0) throw unknownFile(path, keys);
    }
    return found;
  } catch (error) {
    await closeAll();
    throw error;
  }
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

function twice(
  part: string,
  { file, key }: VarPart,
  second: { readonly path: string; readonly key: string },
): CheckpointError {
  const name = (path: string, dict: string) => (dict === "" ? path : `${path} (${dict})`);
  return new CheckpointError({
    where: second.path,
    expected: `one ${part}`,
    got: `two: ${name(file.path, key)} and ${name(second.path, second.key)}`,
    hint: second.key === "" ? "Name one file for each part" : `Choose one: --key ${second.key}`,
  });
}

function unknownFile(path: string, keys: readonly string[]): CheckpointError {
  const dicts = keys.filter((key) => key !== "");
  return new CheckpointError({
    where: path,
    expected: "a VAR's transformer or tokenizer by its official names",
    got: dicts.length > 0 ? `other tensors in ${dicts.slice(0, 10).join(", ")}` : "other tensors",
    hint: `ordo info ${JSON.stringify(path)}`,
  });
}
