import { createHash } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fileHash } from "./file-hash.ts";

it("the hash of a file is that of its bytes, over many pieces", async () => {
  const file = join(await mkdtemp(join(tmpdir(), "ordo-hash-")), "file");
  const bytes = new Uint8Array(9_000_001).map((_, i) => i % 251);
  await writeFile(file, bytes);
  expect(await fileHash(file)).toBe(createHash("sha256").update(bytes).digest("hex"));
});

it("a file that cannot be read has none", async () => {
  expect(await fileHash(join(tmpdir(), "ordo-no-such-file"))).toBeNull();
});
