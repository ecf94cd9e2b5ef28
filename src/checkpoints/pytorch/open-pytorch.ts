/** Opening .pth, .pt and .ckpt: only the description is read, tensors later and one by one. */

import { CheckpointError } from "../../errors.ts";
import { nearNames } from "../near-names.ts";
import { type OpenFile, openFile, readBytes } from "../read-bytes.ts";
import { badTensorName } from "../safetensors-header.ts";
import { elementBytes, type TensorData } from "../tensor-data.ts";
import type { TensorFile } from "../tensor-file.ts";
import { readArchive, type TorchContents } from "./archive.ts";
import { readLegacy } from "./legacy.ts";
import { type PickleTensor, type PickleValue, shortName } from "./pickle-values.ts";
import { plainFacts, type StateDict, stateDicts, tensorsBelow, valueAt } from "./state-dicts.ts";
import { checkedView, readView, type TensorView } from "./tensor-view.ts";

export interface PytorchOptions {
  /**
   * Which dict of the file: `model`, `trainer.var_wo_ddp`; without it, the only dict of tensors.
   * The empty text takes all tensors of the file under their full paths.
   */
  readonly key?: string;
}

export interface PytorchFile extends TensorFile {
  readonly format: "pytorch";
  /** All dicts of tensors in the file, whichever was taken. */
  readonly dicts: readonly { readonly key: string; readonly tensors: number }[];
}

/** Views that overlap themselves may be larger than the file, within reason. */
const OVERLAP_FACTOR = 4;
const OVERLAP_BYTES = 1 << 26;
const ZIP = [0x50, 0x4b, 0x03, 0x04];
const PROTO = 0x80;

/** Whether the first bytes of a file are those of torch.save, of any age. */
export function looksLikePytorch(head: Uint8Array): boolean {
  return ZIP.every((byte, i) => head[i] === byte) || head[0] === PROTO;
}

/**
 * Opens a file of torch.save. Nothing in it is run, and only what its sizes and the file's length
 * agree upon is believed.
 *
 * @throws CheckpointError naming the file for whatever is wrong with it, the globals that are not
 * allowed, or the dicts there are if none or several fit.
 */
export async function openPytorch(
  path: string,
  { key }: PytorchOptions = {},
): Promise<PytorchFile> {
  const file = await openFile(path, "a PyTorch file");
  try {
    const contents = await readContents(file);
    // with a key, only what lies under it counts: other parts may be of any class
    if (key === undefined || key === "") requireKnown(path, contents.unknown);
    const dicts = stateDicts(contents.value, path);
    const chosen = choose(path, contents.value, dicts, key);
    const views = checkedViews(file, tensorsBelow(chosen, path), contents);
    return opened(file, contents.value, dicts, views);
  } catch (error) {
    await file.handle.close();
    throw error;
  }
}

async function readContents(file: OpenFile): Promise<TorchContents> {
  const head = new Uint8Array(await readBytes(file, 0, Math.min(4, file.size)));
  if (!looksLikePytorch(head)) {
    const got = file.size === 0 ? "an empty file" : "another format";
    throw new CheckpointError({ where: file.path, expected: "a file of torch.save", got });
  }
  return head[0] === PROTO ? readLegacy(file) : readArchive(file);
}

function requireKnown(where: string, unknown: readonly string[]): void {
  if (unknown.length === 0) return;
  const names = unknown.slice(0, 10).map((name) => name.slice(0, 100));
  const more = unknown.length > names.length ? ` and ${unknown.length - names.length} more` : "";
  throw new CheckpointError({
    where,
    expected: "only names that belong to weights and settings",
    got: `${names.join(", ")}${more}`,
    hint: "Nothing was run. To read only the weights beside them, name their dict with --key",
  });
}

function choose(
  where: string,
  root: PickleValue,
  dicts: readonly StateDict[],
  key: string | undefined,
): PickleValue {
  const names = dicts.map((dict) => `${dict.key || "the top"} (${dict.tensors} tensors)`);
  if (key !== undefined) {
    const found = valueAt(root, key);
    if (found !== undefined) return found;
    const keys = dicts.map((dict) => dict.key).filter((name) => name !== "");
    const [near] = nearNames(key, keys);
    throw new CheckpointError({
      where,
      expected: `a dict ${JSON.stringify(key)}`,
      got: names.length > 0 ? names.slice(0, 20).join(", ") : "no dict of tensors",
      ...(near && { hint: `Did you mean ${near}?` }),
    });
  }
  const [only, second] = dicts;
  if (only && !second) return only.value;
  throw new CheckpointError({
    where,
    expected: "one dict of tensors",
    got: names.length > 0 ? names.slice(0, 20).join(", ") : "none",
    ...(only && { hint: `Choose one: --key ${only.key}` }),
  });
}

function checkedViews(
  file: OpenFile,
  tensors: ReadonlyMap<string, PickleTensor>,
  { storage }: TorchContents,
): Map<string, TensorView> {
  const { path } = file;
  const views = new Map<string, TensorView>();
  const ties = new Map<string, TensorView>();
  let bytes = 0;
  for (const [name, tensor] of tensors) {
    const bad = badTensorName(name);
    if (bad) throw new CheckpointError({ where: path, expected: "plain tensor names", got: bad });
    const identity = identityOf(tensor);
    const tied = ties.get(identity);
    const view = tied ?? checkedView(tensor, storage, `${path}: ${shortName(name)}`);
    if (!tied) bytes += view.count * elementBytes(view.dtype);
    ties.set(identity, view);
    views.set(name, view);
  }
  const most = OVERLAP_FACTOR * file.size + OVERLAP_BYTES;
  if (bytes > most) {
    const expected = `tensors of at most ${most} bytes in a file of ${file.size}`;
    throw new CheckpointError({ where: path, expected, got: `${bytes} bytes` });
  }
  return views;
}

/** Equal for tensors that are the same numbers in the same order: tied weights. */
function identityOf({ storage, type, offset, shape, strides }: PickleTensor): string {
  return JSON.stringify([storage.key, storage.type?.name, type.name, offset, shape, strides]);
}

function opened(
  file: OpenFile,
  root: PickleValue,
  dicts: readonly StateDict[],
  views: ReadonlyMap<string, TensorView>,
): PytorchFile {
  const { path } = file;
  const viewNamed = (name: string): TensorView => {
    const view = views.get(name);
    if (view) return view;
    throw new CheckpointError({ where: path, expected: `a tensor "${name}"`, got: "none" });
  };
  return {
    path,
    format: "pytorch",
    dicts: dicts.map(({ key, tensors }) => ({ key, tensors })),
    entries: [...views].map(([name, { dtype, shape }]) => ({ name, dtype, shape })),
    metadata: plainFacts(root),
    read: async (name) => readView(file, viewNamed(name)),
    readAll: async () => {
      const tensors = new Map<string, TensorData>();
      const whole = new Map<TensorView, TensorData>();
      for (const [name, view] of views) {
        // tied weights stay one array
        const tensor = whole.get(view) ?? (await readView(file, view));
        whole.set(view, tensor);
        tensors.set(name, tensor);
      }
      return tensors;
    },
    close: () => file.handle.close(),
  };
}
