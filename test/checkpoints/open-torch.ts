/** PyTorch files made in memory, opened as the reader opens files. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import {
  openPytorch,
  type PytorchFile,
  type PytorchOptions,
} from "../../src/checkpoints/pytorch/open-pytorch.ts";
import { CheckpointError } from "../../src/errors.ts";
import { withFolder } from "../data/fixtures.ts";
import { type Picklable, TorchTensor } from "./pickle-writer.ts";
import { floatBytes, type Storages, type TorchFileOptions, torchFile } from "./torch-file.ts";

/** 0, 1, 2 … as bytes of float32. */
export const counting: (count: number) => Uint8Array = (count) =>
  floatBytes(Array.from({ length: count }, (_, i) => i));

/** A float tensor of its own storage. */
export const floats = (key: string, shape: readonly number[]): TorchTensor =>
  new TorchTensor(
    key,
    "FloatStorage",
    shape.reduce((a, b) => a * b, 1),
    shape,
  );

/** Opens the bytes as a file, and closes it after use. */
export async function opening<T>(
  bytes: Buffer,
  use: (file: PytorchFile) => Promise<T> | T,
  options: PytorchOptions = {},
): Promise<T> {
  return withFolder(async (folder) => {
    const path = join(folder, "a.pth");
    await writeFile(path, bytes);
    const file = await openPytorch(path, options);
    return Promise.resolve(use(file)).finally(() => file.close());
  });
}

/** What is said of a file that must be refused; the path is left out. */
export async function refusal(bytes: Buffer, options: PytorchOptions = {}): Promise<string> {
  const error = await opening(bytes, () => "opened", options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CheckpointError);
  return (error as CheckpointError).message.replace(/^\S*a\.pth/, "FILE");
}

export function saved(
  value: Picklable,
  storages: Storages = {},
  options: TorchFileOptions = {},
): Buffer {
  return torchFile(value, storages, options);
}
