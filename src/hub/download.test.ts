import { randomBytes } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hashOf, type LocalHub, onDownload, startLocalHub } from "../../test/hub/local-hub.ts";
import { filesIn, pullInto } from "../../test/hub/pull-into.ts";
import type { PullEvent } from "./pull.ts";

const WEIGHTS = "model.safetensors";
const size = 200_000;
const weights = randomBytes(size);
const hash = hashOf(WEIGHTS, weights);

let hub: LocalHub;
let cache: string;
beforeEach(async () => {
  hub = await startLocalHub({ [WEIGHTS]: weights });
  cache = await mkdtemp(join(tmpdir(), "ordo-hub-"));
});
afterEach(async () => {
  await hub.close();
  await rm(cache, { recursive: true, force: true });
});

const blob = (): string => join(cache, "models--owner--name", "blobs", hash);
const partial = (): string => `${blob()}.ordo.incomplete`;
const ranges = (): (string | undefined)[] =>
  hub.seen.filter(({ store, method }) => store && method === "GET").map(({ range }) => range);

/** Byte by byte, as toEqual compares, takes a second. */
const isWhole = async (): Promise<boolean> => weights.equals(await readFile(blob()));

async function leave(bytes: Buffer): Promise<void> {
  await mkdir(dirname(partial()), { recursive: true });
  await writeFile(partial(), bytes);
}

/** Sends the first `length` bytes, then cuts the line. */
function cutAfter(length: number): (response: ServerResponse) => void {
  return (response) => {
    response.setHeader("content-length", size);
    response.setHeader("etag", hub.storeTags.get(WEIGHTS)!);
    response.write(weights.subarray(0, length), () => response.destroy());
  };
}

describe("a download that is cut off", () => {
  it("goes on where it stopped, in the same run", async () => {
    hub.tricks.push(onDownload(1, cutAfter(70_000)));
    const { notes, waits } = await pullInto(cache, hub);
    expect(await isWhole()).toBe(true);
    expect(ranges()).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
    expect(hub.seen.at(-1)?.ifRange).toBe(`"store-${WEIGHTS}"`);
    expect(notes).toEqual(["a cut connection; trying again in 1 s"]);
    expect(waits).toEqual([1000]);
  });

  it("goes on where an earlier run stopped", async () => {
    await leave(weights.subarray(0, 50_000));
    const { pulled } = await pullInto(cache, hub);
    expect(pulled.fetched).toBe(150_000);
    expect(pulled.files[0]?.before).toBe("partial");
    expect(ranges()).toEqual(["bytes=50000-"]);
    expect(await isWhole()).toBe(true);
    expect(await filesIn(dirname(blob()))).toEqual([hash]);
  });

  it("only checks what an earlier run left whole", async () => {
    await leave(weights);
    await pullInto(cache, hub);
    expect(ranges()).toEqual([]);
    expect(await isWhole()).toBe(true);
  });

  it("starts anew when what was left is of something else, or longer than the file", async () => {
    await leave(randomBytes(50_000));
    const { notes } = await pullInto(cache, hub);
    expect(notes).toEqual([`${WEIGHTS}: the resumed file has another hash; fetching it anew`]);
    expect(ranges()).toEqual(["bytes=50000-", undefined]);
    expect(await isWhole()).toBe(true);
    await rm(join(cache, "models--owner--name"), { recursive: true });
    await leave(Buffer.concat([weights, weights]));
    await pullInto(cache, hub);
    expect(await isWhole()).toBe(true);
  });

  it("starts anew when the file changes midway", async () => {
    hub.tricks.push(
      onDownload(1, (response) => {
        cutAfter(70_000)(response);
        hub.storeTags.set(WEIGHTS, '"store-other"');
      }),
    );
    await pullInto(cache, hub);
    // asked for the rest of the old one, the store sends the whole of the new one
    expect(hub.seen.at(-1)?.ifRange).toBe(`"store-${WEIGHTS}"`);
    expect(await isWhole()).toBe(true);
  });

  it.each([
    ["ignores ranges", 200, undefined],
    ["sends another range", 206, `bytes 7-${size - 1}/${size}`],
    ["knows no such range", 416, undefined],
  ])("starts anew at a server that %s", async (_, status, range) => {
    await leave(weights.subarray(0, 50_000));
    hub.tricks.push(
      onDownload(1, (response) => {
        if (range) response.setHeader("content-range", range);
        response.writeHead(status).end(status === 200 ? weights : weights.subarray(7));
      }),
    );
    await pullInto(cache, hub);
    expect(await isWhole()).toBe(true);
  });

  it("ends whole wherever and however often it is cut", async () => {
    const cuts = fc.array(fc.integer({ min: 0, max: size - 1 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(cuts, cuts, async (before, during) => {
        await rm(join(cache, "models--owner--name"), { recursive: true, force: true });
        if (before[0] !== undefined) await leave(weights.subarray(0, before[0]));
        let i = 0;
        hub.tricks.length = 0;
        hub.tricks.push(
          onDownload(during.length, (response, { headers }) => {
            const from = Number(/\d+/.exec(headers.range ?? "0")![0]);
            const rest = weights.subarray(from);
            const range = `bytes ${from}-${size - 1}/${size}`;
            response.setHeader("content-length", rest.length);
            response.writeHead(from > 0 ? 206 : 200, from > 0 ? { "content-range": range } : {});
            response.write(rest.subarray(0, during[i++]!), () => response.destroy());
          }),
        );
        await pullInto(cache, hub);
        expect(await isWhole()).toBe(true);
      }),
      { numRuns: 25, seed: 7 },
    );
  });
});

describe("a server that falls silent", () => {
  it("is left after the idle time, and asked for the rest", async () => {
    hub.tricks.push(
      onDownload(1, (response) => {
        response.setHeader("content-length", size);
        response.write(weights.subarray(0, 30_000));
      }),
    );
    const { notes } = await pullInto(cache, hub, { env: { idleMs: 60 } });
    expect(notes).toEqual(["silence for 0.06 s; trying again in 1 s"]);
    expect(ranges()).toEqual([undefined, "bytes=30000-"]);
    expect(await isWhole()).toBe(true);
  });

  it("is given up when it never answers", async () => {
    hub.tricks.push(() => true);
    await expect(pullInto(cache, hub, { env: { idleMs: 20 } })).rejects.toThrow(
      `expected an answer from ${hub.endpoint}, got silence for 0.02 s, 5 times in a row`,
    );
  });
});

describe("contents that are not what the hub announced", () => {
  it("are refused and not kept", async () => {
    const wrong = Buffer.from(weights);
    wrong[123] = wrong[123]! ^ 1;
    hub.tricks.push(onDownload(1, (response) => response.end(wrong)));
    await expect(pullInto(cache, hub)).rejects.toThrow(
      `hf:owner/name/${WEIGHTS}: expected sha256 ${hash}, got ${hashOf(WEIGHTS, wrong)}. ` +
        "The file was changed on its way, and is not kept",
    );
    expect(await filesIn(cache)).toEqual([]);
  });

  it("are refused by git's hash for small files", async () => {
    hub.files.set("config.json", Buffer.from("{}"));
    hub.tricks.push(onDownload(1, (response) => response.end("[]")));
    await expect(pullInto(cache, hub, { reference: "hf:owner/name/config.json" })).rejects.toThrow(
      `expected git hash ${hashOf("config.json", Buffer.from("{}"))}, got `,
    );
  });

  it("are refused as soon as they are too long", async () => {
    hub.tricks.push(onDownload(1, (response) => response.end(Buffer.concat([weights, weights]))));
    await expect(pullInto(cache, hub)).rejects.toThrow(`expected ${size} bytes, got more`);
  });
});

describe("a disk that is full", () => {
  it.skipIf(!existsSync("/dev/full"))("is named, with what helps", async () => {
    await leave(Buffer.alloc(0));
    await rm(partial());
    await symlink("/dev/full", partial());
    await expect(pullInto(cache, hub)).rejects.toThrow(
      `${partial()}: expected to write a part of hf:owner/name, got a full disk. ` +
        "Free some space, or set HF_HUB_CACHE to another disk; what was fetched is kept",
    );
    expect(await filesIn(join(cache, ".locks"))).toEqual([]);
  });
});

describe("a download that is stopped", () => {
  it("keeps what it has, and the same command continues", async () => {
    const controller = new AbortController();
    hub.tricks.push(
      onDownload(1, (response) => {
        response.setHeader("content-length", size);
        response.write(weights.subarray(0, 40_000));
      }),
    );
    const stopped = pullInto(cache, hub, {
      signal: controller.signal,
      onEvent: (event) => {
        if (event.kind === "progress" && event.bytes === 40_000) controller.abort();
      },
    });
    await expect(stopped).rejects.toThrow(/abort/i);
    expect(weights.subarray(0, 40_000).equals(await readFile(partial()))).toBe(true);
    expect(await filesIn(join(cache, ".locks"))).toEqual([]);
    await pullInto(cache, hub);
    expect(ranges().at(-1)).toBe("bytes=40000-");
    expect(await isWhole()).toBe(true);
  });
});

describe("two downloads of one file at once", () => {
  it("fetch it once", async () => {
    const events = new EventEmitter<Record<PullEvent["kind"], [PullEvent]>>();
    const waiting = once(events, "note");
    // answered only when the other waits: that one might otherwise come when all is done
    hub.tricks.push(onDownload(1, (response) => void waiting.then(() => response.end(weights))));
    const onEvent = (event: PullEvent) => void events.emit(event.kind, event);
    const outcomes = await Promise.all([
      pullInto(cache, hub, { onEvent }),
      pullInto(cache, hub, { onEvent }),
    ]);
    expect(ranges()).toEqual([undefined]);
    expect(await isWhole()).toBe(true);
    const notes = outcomes.flatMap((outcome) => outcome.notes);
    expect(notes).toEqual([`another process is fetching ${WEIGHTS}; waiting for it`]);
  });

  it("let the second continue when the first fails", async () => {
    hub.tricks.push(onDownload(1, cutAfter(70_000)));
    const controller = new AbortController();
    const first = pullInto(cache, hub, {
      signal: controller.signal,
      wait: async () => {
        controller.abort();
        controller.signal.throwIfAborted();
      },
    });
    const second = pullInto(cache, hub);
    await Promise.allSettled([first, second]);
    await pullInto(cache, hub);
    expect(await isWhole()).toBe(true);
  });
});
