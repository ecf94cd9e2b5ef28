import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  COMMIT,
  type LocalHub,
  refuse,
  startLocalHub,
  type Trick,
} from "../../test/hub/local-hub.ts";
import { filesIn, pullInto } from "../../test/hub/pull-into.ts";
import { retryAfter } from "./failures.ts";

let hub: LocalHub;
let cache: string;
beforeEach(async () => {
  hub = await startLocalHub({
    "config.json": Buffer.from("{}"),
    "model.safetensors": Buffer.alloc(5_000_000),
  });
  cache = await mkdtemp(join(tmpdir(), "ordo-hub-"));
});
afterEach(async () => {
  await hub.close();
  await rm(cache, { recursive: true, force: true });
});

const always =
  (status: number, headers: Readonly<Record<string, string>> = {}): Trick =>
  (_, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    refuse(response, status);
    return true;
  };

describe("what the hub refuses", () => {
  it("is told in one line that names it and says what to do", async () => {
    const lines = async (reference: string): Promise<string> => {
      const error: unknown = await pullInto(cache, hub, { reference }).catch((thrown) => thrown);
      return String(error instanceof Error ? error.message : error).replaceAll(hub.endpoint, "HUB");
    };
    const repository = await lines("hf:owner/nobody");
    const revision = await lines("hf:owner/name@v9");
    const file = await lines("hf:owner/name/cnfig.json");
    const other = await lines("hf:owner/name/weights.bin@v1");
    hub.tricks.push(always(403, { "x-error-code": "GatedRepo" }));
    const gated = await lines("hf:owner/name");
    hub.tricks[0] = always(418);
    const odd = await lines("hf:owner/name");
    expect([repository, revision, file, other, gated, odd].join("\n")).toMatchInlineSnapshot(`
      "hf:owner/nobody: expected a public repository, or one your token may read, got HTTP 401: none of that name. Check the spelling; if it is private, set HF_TOKEN
      hf:owner/name@v9: expected a branch, tag or commit, got no revision v9. See HUB/owner/name/tree/main
      hf:owner/name/cnfig.json: expected a file or folder of the repository, got none of that name among its 2 files. Did you mean config.json?
      hf:owner/name/weights.bin@v1: expected a file or folder of the repository, got none of that name among its 2 files. ordo pull hf:owner/name@v1 --dry-run
      hf:owner/name: expected a repository that is open to you, got HTTP 403: access is restricted. Accept the conditions at HUB/owner/name and set HF_TOKEN to a token of that account
      hf:owner/name: expected an answer from HUB, got HTTP 418. See HUB/owner/name"
    `);
  });

  it("speaks of the token where one was sent", async () => {
    const withToken = { reference: "hf:owner/nobody", env: { token: "hf_secret" } };
    const error: unknown = await pullInto(cache, hub, withToken).catch((thrown) => thrown);
    expect(String(error)).toContain("that HF_TOKEN belongs to an account that may read it");
    expect(String(error)).not.toContain("hf_secret");
  });

  it("tells that a file is gone which was listed", async () => {
    hub.tricks.push((request, response) => {
      if (request.method !== "HEAD") return false;
      refuse(response, 404, "EntryNotFound");
      return true;
    });
    await expect(pullInto(cache, hub, { reference: "hf:owner/name/config.json" })).rejects.toThrow(
      "hf:owner/name/config.json: expected a file of the repository, got no config.json in it",
    );
  });
});

describe("what may pass", () => {
  it("is tried again after the time that the server names", async () => {
    let left = 2;
    hub.tricks.push((_, response) => {
      if (left-- <= 0) return false;
      response.setHeader("retry-after", "7");
      refuse(response, 429);
      return true;
    });
    const { notes, waits } = await pullInto(cache, hub);
    expect(waits).toEqual([7000, 7000]);
    expect(notes[0]).toBe("too many requests (HTTP 429); trying again in 7 s");
  });

  it("is tried again later and later, and then told", async () => {
    const waits: number[] = [];
    hub.tricks.push(always(503));
    const wait = async (ms: number): Promise<void> => void waits.push(ms);
    await expect(pullInto(cache, hub, { wait })).rejects.toThrow(
      `hf:owner/name: expected an answer from ${hub.endpoint}, got HTTP 503, 5 times in a row`,
    );
    expect(waits).toEqual([1000, 2000, 4000, 8000]);
  });

  it("is told at once when the server asks for more than ten minutes", async () => {
    hub.tricks.push(always(429, { "retry-after": "3600" }));
    await expect(pullInto(cache, hub)).rejects.toThrow("The server asks to come back in 60 min");
  });

  it("reads seconds and dates", () => {
    const now = Date.parse("Tue, 24 Nov 2026 10:00:00 GMT");
    expect(retryAfter("12", now)).toBe(12_000);
    expect(retryAfter("Tue, 24 Nov 2026 10:00:30 GMT", now)).toBe(30_000);
    expect(retryAfter("Tue, 24 Nov 2026 09:00:00 GMT", now)).toBe(0);
    expect(retryAfter("soon", now)).toBeUndefined();
    expect(retryAfter(null, now)).toBeUndefined();
  });
});

describe("before anything is fetched", () => {
  it("asks for the space that is missing", async () => {
    const full = pullInto(cache, hub, { freeBytes: async () => 1_000_000 });
    await expect(full).rejects.toThrow(
      `${cache}: expected 5.0 MB of free space, got 1.0 MB. Free some space, or set HF_HUB_CACHE`,
    );
    expect(await filesIn(cache)).toEqual([]);
    expect(hub.seen.some(({ store }) => store)).toBe(false);
  });

  const listing = (value: object | string): Trick => {
    return (request, response) => {
      if (!request.url?.startsWith("/api/models/")) return false;
      response.end(typeof value === "string" ? value : JSON.stringify(value));
      return true;
    };
  };

  it.each([
    ["a name that leaves the cache", { sha: COMMIT, siblings: [{ rfilename: "../../evil" }] }],
    ["a name with a backslash", { sha: COMMIT, siblings: [{ rfilename: "a\\..\\b" }] }],
    ["an absolute name", { sha: COMMIT, siblings: [{ rfilename: "/etc/passwd" }] }],
    ["no commit", { sha: "../..", siblings: [] }],
    ["no files", { sha: COMMIT }],
    ["something else than JSON", "<html>"],
    ["nothing", "null"],
  ])("refuses a listing with %s", async (_, value) => {
    hub.tricks.push(listing(value));
    await expect(pullInto(cache, hub)).rejects.toThrow("expected an answer of a hub from");
    expect(await filesIn(cache)).toEqual([]);
  });

  it("refuses a hash that is none: it would become a path", async () => {
    hub.tricks.push((request, response) => {
      if (request.method !== "HEAD") return false;
      response.setHeader("x-linked-etag", '"../../../evil"');
      response.setHeader("x-linked-size", "3");
      response.end();
      return true;
    });
    await expect(pullInto(cache, hub)).rejects.toThrow("got no hash of the file (ETag)");
  });

  it("ends a redirect in a circle, and one to another kind of address", async () => {
    hub.tricks.push((_, response) => {
      response.writeHead(302, { location: "/again" }).end();
      return true;
    });
    await expect(pullInto(cache, hub)).rejects.toThrow("got more than 8 redirects");
    hub.tricks[0] = (_, response) => {
      response.writeHead(302, { location: "file:///etc/passwd" }).end();
      return true;
    };
    await expect(pullInto(cache, hub)).rejects.toThrow('got a redirect to "file:///etc/passwd"');
  });
});
