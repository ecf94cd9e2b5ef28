import { existsSync } from "node:fs";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type FileTree, flatPng, withFolder, writeTree, zipOf } from "../../test/data/fixtures.ts";
import { ConfigError, DataError } from "../errors.ts";
import { type Dataset, type DatasetOptions, labelNames, openDataset } from "./dataset.ts";

let red: Buffer;
let blue: Buffer;
beforeAll(async () => {
  red = await flatPng([255, 0, 0], { width: 12, height: 8 });
  blue = await flatPng([0, 0, 255]);
});

/** Opens the same files as a folder and as a zip; what is said of one holds for both. */
async function inBoth(
  files: FileTree,
  options: DatasetOptions,
  check: (dataset: Dataset) => Promise<void> | void,
): Promise<void> {
  await withFolder(async (folder) => {
    await writeTree(join(folder, "pets"), files);
    await writeFile(join(folder, "pets.zip"), zipOf(files));
    for (const path of [join(folder, "pets"), join(folder, "pets.zip")]) {
      const dataset = await openDataset(path, options);
      expect(dataset.name).toBe("pets");
      await check(dataset);
      await dataset.close();
    }
  });
}

const problem = (path: string, options: DatasetOptions = {}): Promise<string> =>
  openDataset(path, options).then(
    () => "no error",
    (error: unknown) => {
      expect(error).toBeInstanceOf(DataError);
      return (error as DataError).message.split(`${path}: `).join("").split("\n").join("|");
    },
  );

describe("openDataset", () => {
  it("turns file names into words where nothing else is known", async () => {
    const names = ["red_apple-2.png", "deep/er/BlueSky 01.PNG", "7.png", "café_(3).png"];
    const files = Object.fromEntries(names.map((name) => [name, red]));
    await inBoth({ ...files, "notes.txt": "x", ".hidden.png": red }, {}, (dataset) => {
      const texts = dataset.examples.map(({ file, text }) => [file, text]);
      expect(texts).toEqual([
        ["7.png", "7"],
        ["café_(3).png", "café"],
        ["deep/er/BlueSky 01.PNG", "Blue Sky"],
        ["red_apple-2.png", "red apple"],
      ]);
      expect(dataset.skipped()).toEqual([]);
    });
  });

  it("takes class folders for labels, under train and test too", async () => {
    const files = { "train/cat/1.png": red, "train/big_dog/1.png": blue, "test/cat/2.png": red };
    await inBoth(files, {}, (dataset) => {
      expect(dataset.examples.map(({ label }) => label)).toEqual(["cat", "big_dog", "cat"]);
      expect(labelNames(dataset)).toEqual(["big_dog", "cat"]);
    });
    await inBoth(files, { folder: "train/" }, (dataset) => {
      expect(dataset.examples.map(({ file }) => file)).toEqual([
        "train/big_dog/1.png",
        "train/cat/1.png",
      ]);
    });
  });

  it("does not take train and test for classes", async () => {
    await inBoth({ "train/a.png": red, "test/b.png": red }, {}, (dataset) => {
      expect(dataset.examples.map(({ text }) => text)).toEqual(["b", "a"]);
    });
  });

  it("reads metadata.jsonl beside its files and names what it cannot use by line", async () => {
    const lines = [
      { file_name: "b.png", text: "blue thing", label: 3, tags: ["sky", "sea"] },
      "{broken",
      "",
      { file_name: "./a.png", text: "red thing" },
      { file_name: "../outside.png", text: "x" },
      { text: "no name" },
      [1],
    ].map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
    const files = {
      "set/metadata.jsonl": `${lines.join("\r\n")}\n`,
      "set/a.png": red,
      "set/b.png": blue,
      "set/c.png": blue,
      "outside.png": blue,
    };
    await inBoth(files, {}, async (dataset) => {
      expect(dataset.examples).toEqual([
        { file: "set/b.png", text: "blue thing", label: "3", fields: { tags: ["sky", "sea"] } },
        { file: "set/a.png", text: "red thing", fields: {} },
      ]);
      expect(dataset.skipped()).toEqual([
        { file: "set/metadata.jsonl line 2", reason: "not JSON" },
        {
          file: "set/metadata.jsonl line 5",
          reason: "names ../outside.png, which is not there or no picture",
        },
        { file: "set/metadata.jsonl line 6", reason: "no file_name" },
        { file: "set/metadata.jsonl line 7", reason: "not a JSON object" },
        { file: "outside.png", reason: "no line in metadata.jsonl" },
        { file: "set/c.png", reason: "no line in metadata.jsonl" },
      ]);
      const picture = await dataset.load(0, { size: 2 });
      expect([...picture!.data.subarray(0, 3)]).toEqual([0, 0, 255]);
    });
  });

  it("divides into pictures that are held out and the rest", async () => {
    const names = Array.from({ length: 12 }, (_, i) => `cats/${i}.png`);
    const files = Object.fromEntries(names.map((name) => [name, red]));
    const sides: string[][] = [];
    for (const part of ["held", "rest"] as const) {
      await inBoth(files, { holdOut: { share: 0.5, part } }, ({ examples, size }) => {
        expect(size).toBe(examples.length);
        sides.push(examples.map(({ file }) => file));
      });
    }
    const [held, sameHeld, rest] = sides;
    expect(sameHeld).toEqual(held);
    expect([...held!, ...rest!].sort()).toEqual([...names].sort());
  });

  it("leaves out what rules or a function exclude", async () => {
    const line = (file_name: string, text: string, tags: string[]) =>
      JSON.stringify({ file_name, text, tags });
    const files = {
      "metadata.jsonl": [
        line("a.png", "hand: dark Skin Tone", []),
        line("b.png", "hand", ["secret", "odd"]),
        line("c.png", "foot", []),
      ].join("\n"),
      "a.png": red,
      "b.png": red,
      "c.png": red,
    };
    const exclude = [
      { field: "text", pattern: "skin tone" },
      { field: "tags", pattern: "^odd$" },
      { field: "constructor", pattern: "" },
    ];
    await inBoth(files, { exclude }, (dataset) => {
      expect(dataset.examples.map(({ file }) => file)).toEqual(["c.png"]);
    });
    await inBoth(files, { filter: ({ text }) => text === "hand" }, (dataset) => {
      expect(dataset.examples.map(({ file }) => file)).toEqual(["b.png"]);
    });
    await withFolder(async (folder) => {
      await writeTree(folder, files);
      expect(await problem(folder, { filter: () => false })).toBe(
        "expected at least one example, got 3, all of them excluded. Loosen exclude or filter",
      );
      const broken = openDataset(folder, { exclude: [{ field: "text", pattern: "(" }] });
      await expect(broken).rejects.toThrow(ConfigError);
    });
  });

  it("says in one line what is wrong with a path", async () => {
    await withFolder(async (folder) => {
      const pictures = "expected pictures (PNG, JPEG, WebP, GIF, AVIF or TIFF)";
      expect(await problem(folder)).toBe(`${pictures}, got none`);
      await writeTree(folder, { "m/metadata.jsonl": "{}", "a.txt": "x", "b.zip": "not a zip" });
      expect(await problem(join(folder, "m"))).toBe(
        `${pictures}, got none that can be used (metadata.jsonl line 1: no file_name)`,
      );
      const kinds = "expected a folder of pictures or a zip of one";
      expect(await problem(join(folder, "none"))).toBe(`${kinds}, got nothing there`);
      expect(await problem(join(folder, "a.txt"))).toBe(`${kinds}, got another kind of file`);
      expect(await problem(join(folder, "b.zip"))).toMatch(/^expected a whole zip, got a damaged/);
    });
  });
});

describe("load", () => {
  it("gives null for broken pictures, counted once and by name", async () => {
    await inBoth(
      { "a.png": red, "b.png": "text", "c.jpg": red.subarray(0, 40) },
      {},
      async (set) => {
        expect(await set.load(0)).toMatchObject({ width: 12, height: 8 });
        expect([await set.load(1), await set.load(2), await set.load(1)]).toEqual([
          null,
          null,
          null,
        ]);
        expect(set.skipped()).toEqual([
          { file: "b.png", reason: "text" },
          { file: "c.jpg", reason: expect.stringMatching(/^a damaged one/) },
        ]);
      },
    );
  });

  it("follows links to files but not to folders", async () => {
    await withFolder(async (folder) => {
      await writeTree(folder, { "a.png": red });
      await symlink(join(folder, "a.png"), join(folder, "b.png"));
      await symlink(folder, join(folder, "circle"));
      expect((await openDataset(folder)).examples.map(({ file }) => file)).toEqual([
        "a.png",
        "b.png",
      ]);
    });
  });
});

describe("a hostile zip", () => {
  const refused = (zip: Buffer): Promise<string> =>
    withFolder(async (folder) => {
      await writeFile(join(folder, "x.zip"), zip);
      return problem(join(folder, "x.zip"));
    });

  it("may not name files outside itself", async () => {
    for (const name of ["../a.png", "/a.png", "a/../../b.png", "C:/a.png"]) {
      expect(await refused(zipOf({ [name]: red }))).toMatch(/damaged or unsafe/);
    }
  });

  it("may be cut off anywhere without harm", async () => {
    const zip = zipOf({ "a.png": red, "b.png": blue });
    for (const length of [0, 10, zip.length >> 1, zip.length - 30, zip.length - 1]) {
      expect(await refused(zip.subarray(0, length))).toMatch(/damaged or unsafe/);
    }
  });

  it("may not lie about sizes and checksums", async () => {
    for (const claim of [{ bytes: 0x7fffffff }, { bytes: 20 }, { bytes: 500 }, { crc: 1 }]) {
      await withFolder(async (folder) => {
        await writeFile(join(folder, "x.zip"), zipOf({ "a.png": red }, claim));
        const dataset = await openDataset(join(folder, "x.zip"));
        expect(await dataset.load(0)).toBeNull();
        expect(dataset.skipped()).toHaveLength(1);
        await dataset.close();
      });
    }
  });
});

const emoji = new URL("../../../shared/data/noto-emoji-128.zip", import.meta.url).pathname;
describe.skipIf(!existsSync(emoji))("the emoji data set", () => {
  it("has its words, fields and pictures", async () => {
    const exclude = [{ field: "text", pattern: "skin tone" }];
    const dataset = await openDataset(emoji, { exclude });
    expect(dataset.skipped()).toEqual([]);
    expect(dataset.examples.every(({ text }) => text && !text.includes("skin tone"))).toBe(true);
    const rocket = dataset.examples.findIndex(({ text }) => text === "rocket");
    expect(dataset.examples[rocket]!.fields.group).toBe("Travel & Places");
    expect(await dataset.load(rocket, { size: 64 })).toMatchObject({ width: 64, height: 64 });
    await dataset.close();
  });
});
