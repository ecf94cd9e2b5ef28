/** What training programs put in front of every name: data parallelism and compilation. */

import type { TensorFile } from "./tensor-file.ts";

const WRAPPERS = ["module.", "_orig_mod."];

/** The file with its names as the model has them; the file itself if nothing wraps them. */
export function unwrapped(file: TensorFile): TensorFile {
  const { entries } = file;
  const wrapper = WRAPPERS.find((prefix) => entries.every(({ name }) => name.startsWith(prefix)));
  if (wrapper === undefined || entries.length === 0) return file;
  const short = (name: string) => name.slice(wrapper.length);
  const inner: TensorFile = {
    ...file,
    entries: entries.map(({ name, ...entry }) => ({ ...entry, name: short(name) })),
    read: (name) => file.read(wrapper + name),
    readAll: async () =>
      new Map([...(await file.readAll())].map(([name, tensor]) => [short(name), tensor])),
  };
  // one around the other
  return unwrapped(inner);
}
