import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { COMMIT, type LocalHub, onDownload, startLocalHub } from "../../../test/hub/local-hub.ts";
import { resolveModel } from "../../checkpoints/resolve-model.ts";
import { runCaptured } from "../captured.ts";

const weights = randomBytes(3_000_000);
const files = { "config.json": Buffer.from("{}"), "model.safetensors": weights };

let hub: LocalHub;
let cache: string;
beforeEach(async () => {
  hub = await startLocalHub(files);
  cache = await mkdtemp(join(tmpdir(), "ordo-pull-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  await rm(cache, { recursive: true, force: true });
});

const environment = (): Record<string, string> => ({
  HF_ENDPOINT: hub.endpoint,
  HF_HOME: cache,
  // longer than any pause of a busy machine
  HF_HUB_DOWNLOAD_TIMEOUT: "120",
});
const snapshot = (): string => join(cache, "hub/models--owner--name/snapshots", COMMIT);

/** Until a beginning of the file is on the disk. */
async function partly(): Promise<void> {
  for (;;) {
    const blobs = join(cache, "hub/models--owner--name/blobs");
    const names = await readdir(blobs).catch(() => []);
    const sizes = await Promise.all(
      names.map(async (name) => (await stat(join(blobs, name))).size),
    );
    if (sizes.some((size) => size > 0)) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const run = (argv: readonly string[], options: Parameters<typeof runCaptured>[1] = {}) =>
  runCaptured(["pull", ...argv], { env: environment(), ...options });

describe("ordo pull", () => {
  it("prints where the model lies, and how to use it", async () => {
    const { code, stdout, stderr } = await run(["hf:owner/name"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${snapshot()}\n` });
    expect(stderr).toContain("2 files, 3.0 MB\n");
    expect(stderr).toContain("fetching 3/3 MB");
    expect(stderr).toContain("use it with -m hf:owner/name\n");
    expect(weights.equals(await readFile(join(snapshot(), "model.safetensors")))).toBe(true);
  });

  it("reports every file under --json, and lists them under --dry-run", async () => {
    const dry = await run(["hf:owner/name", "--dry-run"]);
    expect(dry.stdout).toBe(
      [
        "file               size     state",
        "config.json        2 bytes  missing",
        "model.safetensors  3.0 MB   missing",
        "3.0 MB to fetch",
        "",
      ].join("\n"),
    );
    const { stdout } = await run(["hf:owner/name/config.json", "--json"]);
    expect(JSON.parse(stdout)).toEqual({
      reference: "hf:owner/name/config.json",
      commit: COMMIT,
      path: join(snapshot(), "config.json"),
      dryRun: false,
      fetched: 2,
      files: [
        {
          path: "config.json",
          bytes: 2,
          // what git calls an empty object in braces
          hash: "9e26dfeeb6e641a33dae4961196235bdb965b21b",
          before: "missing",
        },
      ],
    });
  });

  it("ends in one line and a code", async () => {
    const typed = await run(["owner/name"]);
    expect(typed.code).toBe(2);
    expect(typed.stderr).toBe(
      'error: "owner/name": expected hf:owner/name, hf:owner/name/file or either with @revision, got no hf: in front\n',
    );
    const missing = await run(["hf:owner/name/confg.json"]);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain("\n  Did you mean config.json?\n");
    const offline = await run(["hf:owner/name"], { env: { HF_HOME: cache, HF_HUB_OFFLINE: "1" } });
    expect(offline.code).toBe(1);
    expect(offline.stderr).toContain("HF_HUB_OFFLINE is set: unset it and run ordo pull");
  });

  it("keeps what it has on Ctrl-C, and says so", async () => {
    const signals = new EventEmitter();
    hub.tricks.push(
      onDownload(1, (response) => {
        response.setHeader("content-length", weights.length);
        response.write(weights.subarray(0, 1_000_000));
        void partly().then(() => signals.emit("SIGINT"));
      }),
    );
    const reference = "hf:owner/name/model.safetensors";
    const { code, stderr } = await run([reference], { signals });
    expect(code).toBe(130);
    expect(stderr).toContain("what was fetched is kept: the same command continues\n");
    expect((await run([reference])).code).toBe(0);
    expect(hub.seen.at(-1)?.range).toMatch(/^bytes=\d+-$/);
  });
});

describe("a model of the hub", () => {
  it("is what -m takes, once it is pulled", async () => {
    vi.stubEnv("HF_HOME", cache);
    const missing = await runCaptured(["generate", "rocket", "-m", "hf:owner/name"]);
    expect(missing.code).toBe(1);
    const place = join(cache, "hub", "models--owner--name");
    expect(missing.stderr).toBe(
      `error: hf:owner/name: expected a download in the cache, got nothing of it in ${place}\n  try: ordo pull hf:owner/name\n`,
    );
    await run(["hf:owner/name"]);
    expect(await resolveModel("hf:owner/name")).toBe(snapshot());
  });
});

describe("two processes", () => {
  it("that pull the same model fetch it once, and both succeed", async () => {
    // slow enough for the second to come while the first is at work
    let release = (): void => {};
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    hub.tricks.push(() => {
      const asked = hub.seen.filter(({ method, path }) => method === "HEAD" && /model/.test(path));
      if (asked.length === 2) release();
      return false;
    });
    hub.tricks.push(
      onDownload(1, (response) => {
        response.setHeader("content-length", weights.length);
        response.write(weights.subarray(0, 1_000_000));
        void both.then(() => response.end(weights.subarray(1_000_000)));
      }),
    );
    const reference = "hf:owner/name/model.safetensors";
    const outcomes = await Promise.all([start(reference), start(reference)]);
    expect(outcomes).toEqual([0, 0]);
    expect(weights.equals(await readFile(join(snapshot(), "model.safetensors")))).toBe(true);
    const gets = hub.seen.filter(({ store, method }) => store && method === "GET");
    expect(gets.length).toBe(1);
  });

  it("survive that one of them is killed", async () => {
    let started = (): void => {};
    const began = new Promise<void>((resolve) => {
      started = resolve;
    });
    hub.tricks.push(
      onDownload(1, (response) => {
        response.setHeader("content-length", weights.length);
        response.write(weights.subarray(0, 1_000_000));
        void partly().then(started);
      }),
    );
    const reference = "hf:owner/name/model.safetensors";
    const killed = child(reference);
    const gone = new Promise((resolve) => killed.on("exit", resolve));
    await began;
    killed.kill("SIGKILL");
    await gone;
    expect((await run([reference])).code).toBe(0);
    expect(hub.seen.at(-1)?.range).toMatch(/^bytes=[1-9]\d*-$/);
    expect(weights.equals(await readFile(join(snapshot(), "model.safetensors")))).toBe(true);
  });
});

function child(reference: string) {
  const bin = fileURLToPath(new URL("../bin.ts", import.meta.url));
  const env = { ...process.env, ...environment() };
  return spawn(process.execPath, ["--import", "tsx", bin, "pull", reference], {
    env,
    stdio: "ignore",
  });
}

function start(reference: string): Promise<number | null> {
  return new Promise((resolve) => child(reference).on("exit", resolve));
}
