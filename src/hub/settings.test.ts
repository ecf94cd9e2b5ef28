import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { hubNameOf, snapshotPath } from "./cache-tree.ts";
import { hubSettings, readToken } from "./settings.ts";

const HOME = resolve("/home/me");

describe("settings of the hub", () => {
  it("follow the conventions of its other tools", () => {
    expect(hubSettings({ HOME })).toEqual({
      endpoint: "https://huggingface.co",
      cache: join(HOME, ".cache/huggingface/hub"),
      tokenPath: join(HOME, ".cache/huggingface/token"),
      offline: false,
      idleMs: 30_000,
    });
    const moved = hubSettings({ HOME, HF_HOME: "~/hf", HF_ENDPOINT: "http://mirror/hub/" });
    expect(moved.cache).toBe(join(HOME, "hf/hub"));
    expect(moved.endpoint).toBe("http://mirror/hub");
    const caches = resolve("/caches");
    expect(hubSettings({ HOME, XDG_CACHE_HOME: caches }).cache).toBe(
      join(caches, "huggingface/hub"),
    );
    const own = hubSettings({ HOME, HF_HOME: "/hf", HF_HUB_CACHE: "/other", HF_TOKEN_PATH: "/t" });
    expect([own.cache, own.tokenPath]).toEqual([resolve("/other"), resolve("/t")]);
  });

  it("take an empty variable for none", () => {
    const set = { HOME, HF_HOME: "", HF_TOKEN: "", HF_HUB_OFFLINE: "" };
    expect(hubSettings(set)).toEqual(hubSettings({ HOME }));
  });

  it("are offline when a variable says so", () => {
    for (const yes of ["1", "true", "YES", "on"]) {
      expect(hubSettings({ HF_HUB_OFFLINE: yes }).offline).toBe(true);
      expect(hubSettings({ TRANSFORMERS_OFFLINE: yes }).offline).toBe(true);
    }
    expect(hubSettings({ HF_HUB_OFFLINE: "0" }).offline).toBe(false);
  });

  it("name the variable that is wrong, and never show a token", async () => {
    expect(() => hubSettings({ HF_ENDPOINT: "huggingface" })).toThrow(
      'HF_ENDPOINT: expected an http or https address, got "huggingface"',
    );
    expect(() => hubSettings({ HF_HUB_DOWNLOAD_TIMEOUT: "soon" })).toThrow(
      'HF_HUB_DOWNLOAD_TIMEOUT: expected seconds above 0, got "soon"',
    );
    expect(() => hubSettings({ HF_TOKEN: "hf_a\nhost: b" })).toThrow(
      "HF_TOKEN: expected an access token, got blanks or other characters that a token never has",
    );
    const set = hubSettings({ HF_TOKEN: " hf_a\n" });
    expect(await readToken(set)).toBe("hf_a");
    expect(await readToken(hubSettings({ HF_TOKEN_PATH: "/nowhere/at/all" }))).toBeUndefined();
  });
});

describe("a snapshot's folder", () => {
  it("tells the name of its repository, which other folders do not have", () => {
    const repository = { owner: "o-w", name: "n.a-me" };
    const path = snapshotPath("/cache", repository, "0123456789".repeat(4));
    expect(hubNameOf(path)).toBe("hf:o-w/n.a-me");
    expect(hubNameOf(join(path, "inside"))).toBe("hf:o-w/n.a-me");
    expect(hubNameOf("/models/emoji-var")).toBeUndefined();
    expect(hubNameOf("/cache/models--o--n/snapshots/main")).toBeUndefined();
  });
});
