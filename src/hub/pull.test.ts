import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { COMMIT, hashOf, type LocalHub, startLocalHub } from "../../test/hub/local-hub.ts";
import { filesIn, pullInto } from "../../test/hub/pull-into.ts";
import { CheckpointError } from "../errors.ts";
import { cachedHubPath } from "./cached.ts";

const WEIGHTS = "model.safetensors";
const files = {
  "config.json": Buffer.from('{"system":"var"}'),
  [WEIGHTS]: randomBytes(300_000),
  "tokenizer/words.json": Buffer.from("[]"),
};
const blobs = Object.fromEntries(
  Object.entries(files).map(([path, bytes]) => [path, hashOf(path, bytes)]),
);

let hub: LocalHub;
let cache: string;
beforeEach(async () => {
  hub = await startLocalHub(files);
  cache = await mkdtemp(join(tmpdir(), "ordo-hub-"));
});
afterEach(async () => {
  await hub.close();
  await rm(cache, { recursive: true, force: true });
});

const root = (): string => join(cache, "models--owner--name");

describe("pulling a repository", () => {
  it("builds the tree that other tools of the hub read", async () => {
    const { pulled } = await pullInto(cache, hub);
    expect(pulled.path).toBe(join(root(), "snapshots", COMMIT));
    expect(await filesIn(root())).toEqual(
      [
        ...Object.values(blobs).map((hash) => join("blobs", hash)),
        join("refs", "main"),
        ...Object.keys(files).map((path) => join("snapshots", COMMIT, path)),
      ].sort(),
    );
    expect(await readFile(join(root(), "refs/main"), "utf8")).toBe(COMMIT);
    for (const [path, bytes] of Object.entries(files)) {
      expect(bytes.equals(await readFile(join(pulled.path, path)))).toBe(true);
    }
    expect(await readlink(join(pulled.path, WEIGHTS))).toBe(`../../blobs/${blobs[WEIGHTS]}`);
    expect(await readlink(join(pulled.path, "tokenizer/words.json"))).toBe(
      `../../../blobs/${blobs["tokenizer/words.json"]}`,
    );
    // nothing of a lock stays
    expect(await filesIn(join(cache, ".locks"))).toEqual([]);
  });

  it("says before the first byte what it will be, and counts up to it", async () => {
    const events: object[] = [];
    const { pulled } = await pullInto(cache, hub, { onEvent: (event) => events.push(event) });
    const bytes = 300_000 + 16 + 2;
    expect(events[0]).toEqual({ kind: "plan", files: 3, bytes, present: 0 });
    expect(events.at(-1)).toEqual({ kind: "progress", bytes, path: "tokenizer/words.json" });
    expect(pulled.fetched).toBe(bytes);
  });

  it("fetches nothing twice, and only what is new of the next commit", async () => {
    await pullInto(cache, hub);
    hub.seen.length = 0;
    const { pulled } = await pullInto(cache, hub);
    expect(pulled.fetched).toBe(0);
    expect(pulled.files.map(({ before }) => before)).toEqual(["cached", "cached", "cached"]);
    expect(hub.seen.filter(({ store }) => store)).toEqual([]);
  });

  it("takes files that another tool fetched", async () => {
    const snapshot = join(root(), "snapshots", COMMIT);
    for (const folder of ["blobs", "refs"]) await mkdir(join(root(), folder), { recursive: true });
    await mkdir(snapshot, { recursive: true });
    await writeFile(join(root(), "refs", "main"), COMMIT);
    await writeFile(join(root(), "blobs", blobs[WEIGHTS]!), files[WEIGHTS]!);
    await symlink(`../../blobs/${blobs[WEIGHTS]}`, join(snapshot, WEIGHTS));
    const settings = { cache };
    expect(await cachedHubPath(`hf:owner/name/${WEIGHTS}`, { settings })).toBe(
      join(snapshot, WEIGHTS),
    );
    const { pulled } = await pullInto(cache, hub);
    expect(pulled.fetched).toBe(18);
    expect(hub.seen.some(({ store }) => store)).toBe(false);
  });

  it("leaves the unfinished file of another tool alone", async () => {
    const theirs = join(root(), "blobs", `${blobs[WEIGHTS]}.incomplete`);
    await mkdir(join(root(), "blobs"), { recursive: true });
    await writeFile(theirs, "half");
    await pullInto(cache, hub);
    expect(await readFile(theirs, "utf8")).toBe("half");
  });

  it("fetches one file, one folder, or one revision", async () => {
    const file = await pullInto(cache, hub, { reference: "hf:owner/name/config.json@v1" });
    expect(await readFile(file.pulled.path)).toEqual(files["config.json"]);
    expect(await readFile(join(root(), "refs/v1"), "utf8")).toBe(COMMIT);
    const folder = await pullInto(cache, hub, { reference: "hf:owner/name/tokenizer@refs/pr/1" });
    expect(folder.pulled.files.map(({ path }) => path)).toEqual(["tokenizer/words.json"]);
    expect(await readFile(join(root(), "refs/refs/pr/1"), "utf8")).toBe(COMMIT);
    const commit = await pullInto(cache, hub, { reference: `hf:owner/name@${COMMIT}` });
    expect(commit.pulled.fetched).toBe(300_000);
    expect((await filesIn(join(root(), "refs"))).sort()).toEqual(["refs/pr/1", "v1"]);
  });

  it("sends the token to the hub and not to the store it redirects to", async () => {
    await pullInto(cache, hub, { env: { token: "hf_secret" } });
    const own = hub.seen.filter(({ store }) => !store);
    expect(own.length).toBeGreaterThan(5);
    expect(own.every(({ authorization }) => authorization === "Bearer hf_secret")).toBe(true);
    const others = hub.seen.filter(({ store }) => store);
    expect(others.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it("reads the token from the file where other tools keep it", async () => {
    await writeFile(join(cache, "token"), "hf_stored\n");
    await pullInto(cache, hub);
    expect(hub.seen[0]?.authorization).toBe("Bearer hf_stored");
  });

  it("lists under dryRun without writing anything", async () => {
    const { pulled } = await pullInto(cache, hub, { dryRun: true });
    expect(pulled.files.map(({ path, before }) => [path, before])).toEqual([
      ["config.json", "missing"],
      [WEIGHTS, "missing"],
      ["tokenizer/words.json", "missing"],
    ]);
    expect(await filesIn(cache)).toEqual([]);
  });
});

describe("without a network", () => {
  it("finds under HF_HUB_OFFLINE what was fetched, and asks nobody", async () => {
    const before = await pullInto(cache, hub);
    hub.seen.length = 0;
    const after = await pullInto(cache, hub, { env: { offline: true } });
    const sorted = (pulled: typeof after.pulled) =>
      pulled.files.map((file) => ({ ...file, before: "cached" }));
    expect(sorted(after.pulled)).toEqual(sorted(before.pulled));
    expect(after.pulled.path).toBe(before.pulled.path);
    expect(hub.seen).toEqual([]);
  });

  it("says where it looked for what is missing, and how to get it", async () => {
    const failed = pullInto(cache, hub, { env: { offline: true } });
    await expect(failed).rejects.toThrow(
      `hf:owner/name: expected a download in the cache, got nothing of it in ${root()}. ` +
        "HF_HUB_OFFLINE is set: unset it and run ordo pull hf:owner/name",
    );
    const model = cachedHubPath("hf:owner/name@v1", { settings: { cache } });
    await expect(model).rejects.toThrow(". ordo pull hf:owner/name@v1");
    await pullInto(cache, hub, { reference: "hf:owner/name/config.json" });
    const part = cachedHubPath("hf:owner/name/model.safetensors", { settings: { cache } });
    await expect(part).rejects.toBeInstanceOf(CheckpointError);
  });

  it("names the network's failure, and the copy that is there", async () => {
    await pullInto(cache, hub);
    await hub.close();
    await expect(pullInto(cache, hub)).rejects.toThrow(
      `hf:owner/name: expected an answer from ${hub.endpoint}, got a refused connection, 5 times in a row. ` +
        "What is in the cache still works as hf:owner/name",
    );
  });
});
