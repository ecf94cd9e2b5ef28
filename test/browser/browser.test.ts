/** The bundle in a real browser: what Node computes, from files over HTTP. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildBrowser } from "../../scripts/build-browser.ts";
import { trainModel, trainTokenizer } from "../../src/browser/train.ts";
import { fromRgba, toRgba } from "../../src/images/rgba.ts";
import { openDevice } from "../../src/runtime/device.ts";
import { load } from "../../src/systems/load.ts";
import { writeTinyModel } from "../models/tiny-model.ts";
import { hasChromium, openChromium, openSite, type Site } from "./chromium.ts";

const models = fileURLToPath(new URL("../../models", import.meta.url));

/** With the bundle as a global, for functions that run in the page: the test runner rewrites imports. */
const blankPage = `<!doctype html><title>Ordo</title>
<script type="module">import * as ordo from "/ordo/ordo.js"; globalThis.ordo = ordo;</script>`;

interface PageGlobals {
  readonly ordo: typeof import("../../src/browser/index.ts");
}

let folder: string;
let browser: Browser;
let site: Site;

/** What a picture may cost on the wire: the largest parts as they are now, and a little. */
const ceilings: Readonly<Record<string, number>> = {
  scripts: 480_000,
  "scripts, compressed": 160_000,
  engine: 14_400_000,
  model: 20_500_000,
};

interface Drawn {
  readonly threads: number;
  readonly ids: readonly (readonly number[])[];
  readonly rgba: readonly number[];
}

describe.skipIf(!hasChromium)("a browser", { timeout: 300_000 }, () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "ordo-browser-"));
    writeFileSync(join(folder, "blank.html"), blankPage);
    await buildBrowser(join(folder, "ordo"));
    await writeTinyModel(join(folder, "tiny"));
    const folders = {
      "/": folder,
      "/models/": models,
      "/example/": fileURLToPath(new URL("../../examples/browser", import.meta.url)),
      "/example/ordo/": join(folder, "ordo"),
      "/example/models/": models,
    };
    site = await openSite({ folders, isolated: true });
    browser = await openChromium();
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    await site?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("draws what Node draws: same seed, same ids, same pixels", async () => {
    const page = await site.open(browser);
    const drawn = await page.evaluate(drawInPage, ["/models/emoji-var", "wasm"] as const);
    await page.close();
    const wanted = await drawInNode(join(models, "emoji-var"));
    expect(drawn.threads).toBe(Math.min(4, availableParallelism()));
    expect(drawn.ids).toEqual(wanted.ids);
    expect(drawn.rgba).toEqual(wanted.rgba);
  });

  it("fetches no more than it needs", async () => {
    const bytes = (chosen: (path: string) => boolean): number =>
      [...site.served].filter(([path]) => chosen(path)).reduce((sum, [, size]) => sum + size, 0);
    const scripts = [...site.served.keys()].filter((path) => /\.m?js$/.test(path));
    const compressed = scripts.map((path) => gzipSync(readFileSync(join(folder, path))).length);
    const fetched: Readonly<Record<string, number>> = {
      scripts: bytes((path) => scripts.includes(path)),
      "scripts, compressed": compressed.reduce((sum, size) => sum + size, 0),
      engine: bytes((path) => path.endsWith(".wasm")),
      model: bytes((path) => path.startsWith("/models/")),
    };
    console.info("fetched for a picture, in bytes:", fetched);
    expect(scripts).toHaveLength(4);
    for (const [part, ceiling] of Object.entries(ceilings)) {
      expect(fetched[part], part).toBeGreaterThan(ceiling / 2);
      expect(fetched[part], part).toBeLessThan(ceiling);
    }
  });

  it("says what it could not fetch", async () => {
    const page = await site.open(browser);
    const message = await page.evaluate(async () => {
      const { ordo } = globalThis as unknown as PageGlobals;
      const device = await ordo.openDevice("wasm");
      return ordo.load("/models/none", device).then(
        () => "",
        (error: Error) => `${error.name}: ${error.message}`,
      );
    });
    await page.close();
    expect(message).toBe(
      `CheckpointError: ${site.address}/models/none/config.json: expected a file, got no such file. A model is a folder with config.json and model.safetensors`,
    );
  });

  it.each(["wasm", "webgpu"] as const)("draws the same on %s without isolation", async (name) => {
    const open = await openSite({ folders: { "/": folder }, isolated: false });
    const page = await open.open(browser);
    const drawn = await page.evaluate(drawInPage, ["/tiny", name] as const);
    await page.close();
    await open.close();
    const wanted = await drawInNode(join(folder, "tiny"));
    expect(drawn.threads).toBe(name === "wasm" ? 1 : 0);
    expect(drawn.ids).toEqual(wanted.ids);
    // a rounding may tip a byte
    const apart = drawn.rgba.map((byte, i) => Math.abs(byte - wanted.rgba[i]!));
    expect(Math.max(...apart)).toBeLessThanOrEqual(1);
  });

  it("trains what Node trains", async () => {
    const page = await site.open(browser);
    const trained = await page.evaluate(async (pictures) => {
      const { ordo } = globalThis as unknown as PageGlobals;
      const losses: number[] = [];
      const onStep = ({ loss }: { readonly loss: number }) => void losses.push(loss);
      const device = await ordo.openDevice("wasm");
      const given = pictures.map(({ rgba, text }) => {
        const data = Uint8ClampedArray.from(rgba);
        return { picture: ordo.fromRgba({ width: 16, height: 16, data }), text };
      });
      const options = { plan: { steps: 6, batchSize: 4 }, onStep };
      const tokenizer = await ordo.trainTokenizer(device, given, options);
      const model = await ordo.trainModel(device, given, tokenizer, options);
      const { picture } = await model.draw("red square", { seed: 1 });
      return { losses, bytes: picture.data.length };
    }, squares);
    await page.close();
    const device = await openDevice("cpu");
    const losses: number[] = [];
    const onStep = ({ loss }: { readonly loss: number }) => void losses.push(loss);
    const given = squares.map(({ rgba, text }) => {
      const data = Uint8ClampedArray.from(rgba);
      return { picture: fromRgba({ width: 16, height: 16, data }), text };
    });
    const options = { plan: { steps: 6, batchSize: 4 }, onStep };
    await trainModel(device, given, await trainTokenizer(device, given, options), options);
    expect(trained.bytes).toBe(3 * 16 * 16);
    expect(losses).toHaveLength(12);
    expect(losses[5]).toBeLessThan(losses[0]!);
    trained.losses.forEach((loss, i) => {
      expect(Math.abs(loss / losses[i]! - 1), `step ${i + 1}`).toBeLessThan(1e-3);
    });
  });

  it("shows the example's page", async () => {
    const page = await site.open(browser, "/example/index.html");
    await page.selectOption("select[name=device]", "wasm");
    await page.click("#draw button");
    await page.waitForFunction(() => {
      const form = (globalThis as unknown as { document: { forms: PageForms } }).document.forms;
      return form.draw.elements.state.value.startsWith("step 6 of 6");
    });
    await page.fill("input[name=steps]", "2");
    await page.click("#train button");
    await page.waitForFunction(() => {
      const form = (globalThis as unknown as { document: { forms: PageForms } }).document.forms;
      return form.train.elements.state.value.endsWith("blue disc:");
    });
    await page.close();
  });
});

interface PageForm {
  readonly elements: { readonly state: { readonly value: string } };
}

interface PageForms {
  readonly draw: PageForm;
  readonly train: PageForm;
}

/** Pictures of one colour each, as a canvas has them. */
const squares = Object.entries({ red: [255, 0, 0], green: [0, 160, 0], blue: [0, 0, 255] }).map(
  ([colour, rgb]) => ({
    text: `${colour} square`,
    rgba: Array.from({ length: 16 * 16 }, (_, i) => {
      const inside = i % 16 > 2 && i % 16 < 13 && i > 3 * 16 && i < 13 * 16;
      return [...(inside ? rgb : [255, 255, 255]), 255];
    }).flat(),
  }),
);

/** Runs in the page. */
async function drawInPage([address, deviceName]: readonly [
  string,
  "wasm" | "webgpu",
]): Promise<Drawn> {
  const { ordo } = globalThis as unknown as PageGlobals;
  const device = await ordo.openDevice(deviceName);
  const model = await ordo.load(address, device);
  const ids: number[][] = [];
  let rgba: number[] = [];
  for await (const step of model.steps("red apple", { seed: 7 })) {
    ids.push([...step.ids!]);
    rgba = [...ordo.toRgba(await step.picture())];
  }
  await model.close();
  await device.close();
  return { threads: device.threads, ids, rgba };
}

async function drawInNode(path: string): Promise<Drawn> {
  const device = await openDevice("cpu");
  const model = await load(path, device);
  const ids: number[][] = [];
  let rgba: number[] = [];
  for await (const step of model.steps("red apple", { seed: 7 })) {
    ids.push([...step.ids!]);
    rgba = [...toRgba(await step.picture())];
  }
  await model.close();
  return { threads: device.threads, ids, rgba };
}
