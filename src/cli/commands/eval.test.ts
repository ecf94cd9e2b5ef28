import { EventEmitter } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeTree } from "../../../test/data/fixtures.ts";
import { scenes } from "../../../test/eval/fixtures.ts";
import { writeTinyClassifier } from "../../../test/eval/tiny-classifier.ts";
import { writeTinyClip } from "../../../test/features/tiny-clip.ts";
import { writeTinyModel } from "../../../test/models/tiny-model.ts";
import { encodePicture } from "../../images/write.ts";
import { writeNpz } from "../../metrics/npz-write.ts";
import { type CaptureOptions, runCaptured } from "../captured.ts";

const root = mkdtempSync(join(tmpdir(), "ordo-eval-"));
const at = (...names: string[]) => join(root, ...names);
const words = ["red apple", "blue boat", "rocket"];

beforeAll(async () => {
  await writeTinyModel(at("model"));
  await writeTinyClassifier(at("network"));
  await writeTinyClassifier(at("other-network"), 2);
  const files = async (name: string, count: number) =>
    Object.fromEntries(
      await Promise.all(
        scenes(name, count).map(async (picture, i) => [
          `${words[i % 3]} ${i}.png`,
          await encodePicture(picture, "png"),
        ]),
      ),
    );
  await writeTree(at("real"), await files("real", 30));
  await writeTree(at("drawn"), await files("drawn", 24));
});
afterAll(() => rmSync(root, { recursive: true }));

const run = (argv: readonly string[], options: CaptureOptions = {}) =>
  runCaptured(["eval", ...argv], { env: { ORDO_HOME: at("home") }, ...options });
const measured = (...argv: string[]) => run([...argv, "--features", at("network")]);

describe("eval samples", () => {
  it("prints every metric with its name, interval and floor, and writes report and result", async () => {
    const out = at("samples");
    const { code, stdout, stderr } = await measured(
      ...["samples", at("drawn"), "--reference", at("real"), "-o", out],
    );
    expect(stderr).toContain("warning: 24 pictures are few for 6 features");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^FD\[tiny-small-resnet-D6-[0-9a-f]{8}\] +[\d.]+ +-?[\d.]+ … [\d.]+ +floor [\d.]+$/m,
    );
    expect(stdout).toMatch(/^recall P\/R\[tiny-small-resnet-D6-[0-9a-f]{8}\] +[\d.]+/m);
    expect(stdout).toContain(`${join(out, "report.html")}\n${join(out, "result.json")}`);
    const result = JSON.parse(readFileSync(join(out, "result.json"), "utf8"));
    expect(result).toMatchObject({
      kind: "samples",
      subject: { name: "drawn", count: 24, decoding: "as stored" },
      reference: { name: "real", count: 30 },
      network: { width: 6, classes: 3 },
    });
    expect(result.settings.command).toContain(`ordo eval samples ${at("drawn")} --reference`);
    expect(result.details.closest).toHaveLength(12);
    expect(readFileSync(join(out, "report.html"), "utf8")).toContain("<h2>Samples</h2>");
  });

  it("takes the features of a run before it from the cache, and gives the same numbers", async () => {
    const asked = ["samples", at("drawn"), "--reference", at("real"), "--no-report", "--json"];
    const cache = at("home", "cache", "features");
    const [network] = readdirSync(cache);
    const files = readdirSync(join(cache, network!));
    const again = JSON.parse((await measured(...asked)).stdout);
    expect(readdirSync(join(cache, network!))).toEqual(files);
    const fresh = await runCaptured(["eval", ...asked, "--features", at("network")], {
      env: { ORDO_HOME: at("other-home") },
    });
    expect(JSON.parse(fresh.stdout).metrics).toEqual(again.metrics);
  });

  it("reads array files on both sides", async () => {
    const pictures = scenes("drawn", 24);
    const values = Uint8Array.from(pictures.flatMap(({ data }) => [...data]));
    await writeNpz(at("drawn.npz"), { arr_0: { dtype: "uint8", shape: [24, 16, 16, 3], values } });
    const compared = await measured(
      ...["samples", at("drawn.npz"), "--reference", at("drawn.npz"), "--no-report", "--json"],
    );
    const { metrics } = JSON.parse(compared.stdout);
    expect(metrics[0].value).toBeCloseTo(0, 6);
    expect(metrics.slice(-2).map(({ value }: { value: number }) => value)).toEqual([1, 1]);
  });

  it("scores pictures against their texts where a CLIP is given, and names what is missing of it", async () => {
    await writeTinyClip(at("clip"));
    const asked = ["samples", at("drawn"), "--reference", at("real"), "--no-report", "--json"];
    const { metrics, settings } = JSON.parse(
      (await measured(...asked, "--clip", at("clip"))).stdout,
    );
    const [score, cosine] = metrics.slice(-2);
    expect(score.name).toMatch(/^CLIPScore\[clip-vit-w32-d2-p8-[0-9a-f]{8}\]$/);
    expect([score.count, cosine.count]).toEqual([24, 24]);
    expect(Math.abs(cosine.value)).toBeLessThanOrEqual(100);
    expect(settings).toMatchObject({
      "CLIP network": score.name.slice("CLIPScore[".length, -1),
      "CLIPScore: before each text": '"A photo depicts "',
    });
    expect(settings.command).toContain(`--clip ${at("clip")}`);
    rmSync(at("clip", "vocab.json"));
    const { code, stderr } = await measured(...asked, "--clip", at("clip"));
    expect(code).toBe(1);
    expect(stderr).toMatch(/unavailable: CLIP score: .* got no vocab.json in /);
  });

  it("leaves an earlier report alone unless it may be overwritten", async () => {
    const asked = ["samples", at("drawn"), "--reference", at("real"), "-o", at("samples")];
    await measured(...asked);
    expect(existsSync(at("samples", "report-2.html"))).toBe(true);
    await measured(...asked, "--force");
    expect(existsSync(at("samples", "report-3.html"))).toBe(false);
  });
});

describe("eval model", () => {
  const out = at("drawn-by-model");
  const asked = ["model", at("model"), "--data", at("real"), "-n", "5", "-o", out];

  it("keeps what it has drawn when it is stopped, and goes on there", async () => {
    const signals = new EventEmitter();
    const stopped = run([...asked, "--features", at("network")], { signals });
    const samples = join(out, "samples");
    while (!existsSync(join(samples, "000001.png")))
      await new Promise((done) => setTimeout(done, 5));
    signals.emit("SIGINT");
    expect((await stopped).code).toBe(130);
    const before = statSync(join(samples, "000001.png")).mtimeMs;
    expect(existsSync(join(out, "result.json"))).toBe(false);
    const { code, stdout } = await measured(...asked, "--json");
    expect(code).toBe(0);
    expect(statSync(join(samples, "000001.png")).mtimeMs).toBe(before);
    const result = JSON.parse(stdout);
    expect(result.subject).toMatchObject({ name: basename(at("")), count: 5 });
    expect(result.reference.decoding).toBe("to 16x16, middle cropped, Lanczos");
    expect(result.settings).toMatchObject({ seed: 1, temperature: 1, "top p": 0.95 });
    const [closest, named] = result.metrics.slice(-2);
    expect(closest.name).toMatch(/^retrieval@1\[tiny-/);
    // its classes are one, two and three
    expect(named.unavailable).toMatch(/^needs pictures of classes that tiny-.* knows by name$/);
  });

  it("does not mix pictures of other settings into them", async () => {
    const { code, stderr } = await measured(...asked, "--guidance", "3");
    expect(code).toBe(2);
    expect(stderr).toContain('expected pictures of these settings, got others ("guidance":');
  });

  it("draws what the data show", async () => {
    const lines = readFileSync(join(out, "samples", "metadata.jsonl"), "utf8")
      .trim()
      .split("\n");
    const texts = lines.map((line) => JSON.parse(line).text);
    expect(texts).toHaveLength(5);
    for (const text of texts) expect(words).toContain(text);
  });
});

describe("eval statistics", () => {
  it("writes what later runs take for the pictures themselves, and says by which network", async () => {
    const file = at("real.npz");
    const { code, stdout } = await measured("statistics", at("real"), "-o", file);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^30 pictures by tiny-small-resnet-D6-[0-9a-f]{8}\n.*real\.npz\n$/);
    const distance = async (reference: string, ...more: string[]) => {
      const argv = ["samples", at("drawn"), "--reference", reference, "--no-report", "--json"];
      return run([...argv, "--features", at("network"), ...more]);
    };
    const value = ({ stdout: json }: { stdout: string }) => JSON.parse(json).metrics[0].value;
    expect(value(await distance(file))).toBeCloseTo(value(await distance(at("real"))), 8);
    const other = await distance(file, "--features", at("other-network"));
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(
      /real\.npz: expected statistics of tiny-small-resnet-D6-.*, got tiny/,
    );
  });

  it("keeps an earlier file, and writes no other kind", async () => {
    await measured("statistics", at("real"), "-o", at("real.npz"));
    expect(existsSync(at("real-2.npz"))).toBe(true);
    const { code, stderr } = await measured("statistics", at("real"), "-o", at("real.csv"));
    expect(code).toBe(2);
    expect(stderr).toContain("--output: expected a file that ends in .npz, got");
  });
});

describe("eval tokenizer", () => {
  it("measures pictures and codes", async () => {
    const out = at("tokenizer");
    const { code, stdout } = await measured(
      ...["tokenizer", at("model"), "--data", at("real"), "-n", "12", "-o", out, "--json"],
    );
    expect(code).toBe(0);
    const { metrics, details } = JSON.parse(stdout);
    const ids = metrics.map(({ id }: { id: string }) => id);
    for (const id of [
      "rfd",
      "psnr",
      "ssim-gaussian",
      "perceptual",
      "usage",
      "perplexity",
      "entropy",
      "bpp",
    ]) {
      expect(ids).toContain(id);
    }
    expect(details.scales.map(({ scale }: { scale: string }) => scale)).toEqual([
      "1x1",
      "2x2",
      "3x3",
      "4x4",
      "all",
    ]);
    expect(readFileSync(join(out, "report.html"), "utf8")).toContain("<h2>Worst</h2>");
  });
});

describe("eval compare", () => {
  it("finds no difference between a result and itself", async () => {
    const { code, stdout } = await run(["compare", at("samples"), at("samples", "result.json")]);
    expect(code).toBe(0);
    const lines = stdout.trim().split("\n").slice(1);
    expect(lines).toHaveLength(5);
    for (const line of lines) expect(line).toMatch(/ 0 .*equal$/);
  });

  it("refuses numbers of another network, and says so", async () => {
    const out = at("other");
    await run([
      ...["samples", at("drawn"), "--reference", at("real"), "-o", out],
      ...["--features", at("other-network")],
    ]);
    const { code, stderr } = await run(["compare", at("samples"), out]);
    expect(code).toBe(1);
    expect(stderr).toContain("got different networks (tiny-small-resnet-D6-");
  });
});

describe("a command line that cannot be run", () => {
  it("is told all that is missing or has no meaning", async () => {
    const { code, stderr } = await run(["samples", "--data", "x", "--top-k", "4"]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      "eval samples: expected a folder, .zip or .npz of pictures, got nothing",
    );
    expect(stderr).toContain("--reference: expected");
    expect(stderr).toContain("--data has no meaning for eval samples");
    expect(stderr).toContain("--top-k has no meaning for eval samples");
  });

  it("names the kinds, and the network that is not there, before it draws anything", async () => {
    expect((await run(["sample", "x"])).stderr).toContain(
      'what: expected one of samples, model, tokenizer, scenes, statistics, compare, got "sample"',
    );
    const out = at("nothing");
    const { code, stderr } = await run([
      ...["model", at("model"), "--data", at("real"), "-o", out, "--features", at("none")],
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('none": expected a model folder or the name of a shipped model');
    expect(existsSync(out)).toBe(false);
  });
});
