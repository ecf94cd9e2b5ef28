import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { knownHash } from "./known-hash.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

async function scene(text: string) {
  const folder = await mkdtemp(join(tmpdir(), "ordo-known-hash-"));
  const [file, cache] = [join(folder, "file"), join(folder, "cache")];
  await writeFile(file, text);
  return { file, cache };
}

it("a hash is kept, and read again while the file is as it was", async () => {
  const { file, cache } = await scene("first");
  expect(await knownHash(file, cache, 1)).toBe(sha256("first"));
  const [entry] = await readdir(cache);
  expect(await readFile(join(cache, entry!), "utf8")).toBe(sha256("first"));
  // what lies in the cache is believed: the file is not read a second time
  await writeFile(join(cache, entry!), sha256("from the cache"));
  expect(await knownHash(file, cache, 1)).toBe(sha256("from the cache"));
});

it("a file that has changed is hashed anew, even at the same size", async () => {
  const { file, cache } = await scene("first");
  await knownHash(file, cache, 1);
  await writeFile(file, "other");
  await utimes(file, 1, 1);
  expect(await knownHash(file, cache, 1)).toBe(sha256("other"));
});

it("a damaged entry is no hash", async () => {
  const { file, cache } = await scene("first");
  await knownHash(file, cache, 1);
  const [entry] = await readdir(cache);
  await writeFile(join(cache, entry!), "half a ha");
  expect(await knownHash(file, cache, 1)).toBe(sha256("first"));
});

it("small files are not kept", async () => {
  const { file, cache } = await scene("first");
  expect(await knownHash(file, cache)).toBe(sha256("first"));
  await expect(readdir(cache)).rejects.toThrow("ENOENT");
});

it("a cache that cannot be written and a file that cannot be read are no errors", async () => {
  const { file, cache } = await scene("first");
  await writeFile(cache, "a file where the folder would be");
  expect(await knownHash(file, cache, 1)).toBe(sha256("first"));
  await mkdir(`${file}-folder`);
  expect(await knownHash(`${file}-none`, cache, 1)).toBeNull();
});
