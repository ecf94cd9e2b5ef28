/** One way in for every checkpoint: the format is told from the content, never from the name. */

import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { CheckpointError } from "../errors.ts";
import { looksLikePytorch, openPytorch } from "./pytorch/open-pytorch.ts";
import { openFile, readBytes } from "./read-bytes.ts";
import { openSafetensors } from "./safetensors.ts";
import { openSafetensorsFolder, openSafetensorsIndex } from "./safetensors-shards.ts";
import type { TensorFile } from "./tensor-file.ts";

export interface OpenCheckpointOptions {
  /**
   * Which dict of a PyTorch file: `model`, `trainer.var_wo_ddp`; without it, the only dict of
   * tensors. The empty text takes all tensors of the file under their full paths.
   */
  readonly key?: string;
}

/**
 * Opens a safetensors file, the index of sharded ones, a folder with either, or a file of
 * torch.save (.pth, .pt, .ckpt, .bin). Reads no tensor.
 *
 * @throws CheckpointError naming the file and what is wrong with it.
 */
export async function openCheckpoint(
  path: string,
  { key }: OpenCheckpointOptions = {},
): Promise<TensorFile> {
  const format = await formatOf(path);
  if (format === "pytorch") return openPytorch(path, key === undefined ? {} : { key });
  if (key !== undefined && key !== "") {
    const got = "a safetensors file, which has none";
    throw new CheckpointError({ where: path, expected: `a dict ${JSON.stringify(key)}`, got });
  }
  if (format === "folder") return openSafetensorsFolder(path);
  return format === "index"
    ? openSafetensorsIndex(dirname(path), basename(path))
    : openSafetensors(path);
}

/**
 * The dicts of tensors that a checkpoint offers, each with its own `key`; one without a name where
 * the file has no choice.
 *
 * @throws CheckpointError as `openCheckpoint` does.
 */
export async function checkpointKeys(path: string): Promise<readonly string[]> {
  if ((await formatOf(path)) !== "pytorch") return [""];
  const file = await openPytorch(path, { key: "" });
  await file.close();
  return file.dicts.map(({ key }) => key);
}

/** Whether a file is a checkpoint rather than a picture, by its content or else by its name. */
export async function isCheckpoint(path: string): Promise<boolean> {
  if (/\.(safetensors|safetensors\.index\.json|pth|pt|ckpt)$/i.test(path)) return true;
  const file = await openFile(path, "a file").catch(() => null);
  if (!file) return false;
  try {
    const head = new Uint8Array(await readBytes(file, 0, Math.min(9, file.size)));
    // no picture begins with a length below 2^40
    const isHeader = head[8] === OPEN_BRACE && head[5] === 0 && head[6] === 0 && head[7] === 0;
    return looksLikePytorch(head) || isHeader;
  } finally {
    await file.handle.close();
  }
}

async function formatOf(path: string): Promise<"safetensors" | "pytorch" | "folder" | "index"> {
  if ((await stat(path).catch(() => null))?.isDirectory()) return "folder";
  const file = await openFile(path, "a checkpoint");
  try {
    const head = new Uint8Array(await readBytes(file, 0, Math.min(9, file.size)));
    if (looksLikePytorch(head)) return "pytorch";
    // the header of a safetensors file begins behind its length; an index is JSON from the start
    return head[0] === OPEN_BRACE && head[8] !== OPEN_BRACE ? "index" : "safetensors";
  } finally {
    await file.handle.close();
  }
}

const OPEN_BRACE = 0x7b;
