import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CheckpointError, ConfigError } from "../errors.ts";
import { resolveModel, shippedModels } from "./resolve-model.ts";

let folder: string;
let models: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ordo-resolve-"));
  models = join(folder, "models");
  for (const path of ["models/emoji-var", "models/digits", "own", "run/model"]) {
    await mkdir(join(folder, path), { recursive: true });
    await writeFile(join(folder, path, "config.json"), "{}");
  }
  await mkdir(join(models, "unfinished"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("finding a model", () => {
  it("takes a folder or a shipped name", async () => {
    expect(await resolveModel(join(folder, "own"), { models })).toBe(join(folder, "own"));
    expect(await resolveModel(join(folder, "run"))).toBe(join(folder, "run", "model"));
    expect(await resolveModel("emoji-var", { models })).toBe(join(models, "emoji-var"));
    expect(await shippedModels({ models })).toEqual(["digits", "emoji-var"]);
  });

  it.each([
    ["emoji", "neither. Did you mean emoji-var? Shipped models: digits, emoji-var"],
    ["emojivar", "neither. Did you mean emoji-var? Shipped models: digits, emoji-var"],
    ["../models", "neither. Shipped models: digits, emoji-var"],
    ["", "neither. Shipped models: digits, emoji-var"],
  ])("explains %j", async (name, got) => {
    const failed = resolveModel(name, { models });
    await expect(failed).rejects.toBeInstanceOf(ConfigError);
    await expect(failed).rejects.toThrow(
      `model ${JSON.stringify(name)}: expected a model folder or the name of a shipped model, got ${got}`,
    );
  });

  it("says what lies there instead, and when nothing is shipped", async () => {
    const nothing = { models: join(folder, "none") };
    await expect(resolveModel(folder, nothing)).rejects.toThrow(
      "got a folder without config.json. No models are shipped: name a folder with config.json",
    );
    await expect(resolveModel(join(folder, "own", "config.json"), nothing)).rejects.toThrow(
      "got a file. ",
    );
  });

  it("finds a name of the hub where the hook says it lies", async () => {
    const hub = async (reference: string): Promise<string> =>
      join(folder, reference === "hf:owner/whole" ? "own" : "models");
    expect(await resolveModel("hf:owner/whole", { models, hub })).toBe(join(folder, "own"));
    const part = resolveModel("hf:owner/part", { models, hub });
    await expect(part).rejects.toBeInstanceOf(CheckpointError);
    await expect(part).rejects.toThrow(
      "hf:owner/part: expected a model folder in the hub's cache, got a folder without config.json. ordo pull hf:owner/part",
    );
  });
});
