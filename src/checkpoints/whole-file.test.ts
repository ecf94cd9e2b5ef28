import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CheckpointError } from "../errors.ts";
import { writeAllWhole, writeWhole } from "./whole-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ordo-whole-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Bytes whose second piece meets a full disk. */
function* untilFull(): Generator<Uint8Array> {
  yield new Uint8Array(1000);
  throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
}

describe("a file written whole", () => {
  it("replaces the old one", async () => {
    const path = join(folder, "a.txt");
    await writeWhole(path, "old");
    await writeWhole(path, [Uint8Array.of(0x6e, 0x65), Uint8Array.of(0x77)]);
    expect(await readFile(path, "utf8")).toBe("new");
    expect(await readdir(folder)).toEqual(["a.txt"]);
  });

  it("keeps the old one and leaves nothing behind when the disk is full", async () => {
    const path = join(folder, "model.safetensors");
    await writeWhole(path, "old");
    const failed = writeWhole(path, untilFull());
    await expect(failed).rejects.toBeInstanceOf(CheckpointError);
    await expect(failed).rejects.toThrow(
      `${path}: expected to write the file, got a full disk. ` +
        "Nothing was changed: an earlier model.safetensors is still whole",
    );
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["model.safetensors"]);
  });

  it("changes none of several files when one does not fit", async () => {
    const path = (name: string) => join(folder, name);
    await writeAllWhole([{ path: path("a"), content: "old a" }]);
    const files = [
      { path: path("a"), content: "new a" },
      { path: path("b"), content: untilFull() },
    ];
    await expect(writeAllWhole(files)).rejects.toThrow("a full disk");
    expect(await readdir(folder)).toEqual(["a"]);
    expect(await readFile(path("a"), "utf8")).toBe("old a");
  });

  it("says so when there is no folder, or one of that name", async () => {
    await expect(writeWhole(join(folder, "none", "a"), "x")).rejects.toThrow(
      "got a folder that does not exist",
    );
    await mkdir(join(folder, "b"));
    await expect(writeWhole(join(folder, "b"), "x")).rejects.toThrow("got a folder of that name");
    expect(await readdir(folder)).toEqual(["b"]);
  });
});
