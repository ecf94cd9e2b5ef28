import { mkdir, mkdtemp, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { filesIn } from "../../test/hub/pull-into.ts";
import { linkBlob } from "./cache-tree.ts";

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "ordo-cache-tree-"));
  await mkdir(join(cache, "blobs"));
  await writeFile(join(cache, "blobs", "old"), "old");
  await writeFile(join(cache, "blobs", "new"), "new");
});
afterEach(() => rm(cache, { recursive: true, force: true }));

const pointer = (): string => join(cache, "snapshots", "c0ffee", "text", "model.safetensors");
const linkTo = (hash: string): Promise<void> => linkBlob(join(cache, "blobs", hash), pointer());

describe("linkBlob", () => {
  it("links by a relative path, so that the tree can be moved", async () => {
    await linkTo("new");
    expect(await readlink(pointer())).toBe(join("..", "..", "..", "blobs", "new"));
    expect(await readFile(pointer(), "utf8")).toBe("new");
  });

  it("replaces what was there", async () => {
    await linkTo("old");
    await linkTo("new");
    expect(await readFile(pointer(), "utf8")).toBe("new");
  });

  it("may be asked for one link many times at once, and leaves nothing else", async () => {
    await Promise.all(Array.from({ length: 50 }, () => linkTo("new")));
    expect(await readFile(pointer(), "utf8")).toBe("new");
    expect(await filesIn(join(cache, "snapshots"))).toEqual([
      join("c0ffee", "text", "model.safetensors"),
    ]);
  });

  it("leaves nothing where the link cannot be made", async () => {
    await mkdir(pointer(), { recursive: true });
    await writeFile(join(pointer(), "in-the-way"), "");
    await expect(linkTo("new")).rejects.toThrow();
    expect(await filesIn(join(cache, "snapshots"))).toEqual([
      join("c0ffee", "text", "model.safetensors", "in-the-way"),
    ]);
  });
});
