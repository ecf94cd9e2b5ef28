import { describe, expect, it } from "vitest";
import {
  blurred,
  fakeNetwork,
  fakePerceptual,
  scenes,
  setOf,
} from "../../../test/eval/fixtures.ts";
import type { Picture } from "../../images/picture.ts";
import { closenessOf, collectGallery, type Gallery } from "../gallery.ts";
import { measureReconstructions } from "../measure-reconstructions.ts";
import { measureSets } from "../measure-sets.ts";
import type { PictureSet } from "../picture-set.ts";
import type { EvalResult } from "../result.ts";
import { setReport } from "./set-report.ts";
import { tokenizerReport } from "./tokenizer-report.ts";

const hostile = `<img src=x onerror="alert('1')">&`;
const network = fakeNetwork();
const real = scenes("reference", 40);
const samples = [...scenes("samples", 20), real[3]!];
const options = { network, cache: null, batch: 16, seed: 1, shown: 21, neighbours: 2 };

function named(set: PictureSet): PictureSet {
  const examples = Array.from({ length: set.count }, (_, i) => ({
    file: `${i}.png`,
    text: `${hostile} ${i}`,
    fields: {},
  }));
  return { ...set, examples };
}

const side = { name: hostile, count: 21, decoding: "as stored", fingerprint: "0" };
const result: EvalResult = {
  format: 1,
  kind: "samples",
  subject: side,
  reference: side,
  network: { ...network, name: hostile },
  metrics: [{ id: "fd", name: hostile, better: "lower", value: 1.25, count: 21, note: hostile }],
  warnings: [hostile],
  settings: { command: hostile },
  details: {},
};

/** What a browser would ask others for, or run. */
function requests(page: string): string[] {
  const addresses = [...page.matchAll(/(?:src|href)\s*=\s*"([^"]*)"/g)].map(([, to = ""]) => to);
  const outside = addresses.filter((to) => !to.startsWith("data:image/png;base64,"));
  const scripts = page.match(/<script|<img src=x|@import|url\(/g) ?? [];
  return [...outside, ...scripts];
}

async function setPage(): Promise<{ page: string; gallery: Gallery }> {
  const [own, other] = [named(setOf(samples)), named(setOf(real))];
  const reference = { name: "r", pictures: other, statistics: null };
  const measured = await measureSets(own, reference, options);
  const gallery = await collectGallery(own, other, measured, { ...options, shown: 10, strips: 21 });
  const page = await setReport({ result, measured, gallery, closeness: closenessOf(measured) });
  return { page, gallery };
}

async function tokenizerPage(): Promise<string> {
  const tokenizer = {
    name: "blur",
    size: { width: 16, height: 16 },
    codebookSize: 4,
    maps: [{ height: 1, width: 1 }],
    tokenize: async (picture: Picture) => ({
      ids: [[picture.data[0]! % 4]],
      picture: blurred(picture, 1),
    }),
  };
  const measured = await measureReconstructions(named(setOf(real)), tokenizer, {
    ...options,
    perceptual: fakePerceptual,
  });
  const pair = { original: real[0]!, rebuilt: blurred(real[0]!, 1), caption: hostile, psnr: 20 };
  return tokenizerReport({
    result: { ...result, kind: "tokenizer" },
    measured,
    worst: [pair],
    median: [pair],
    best: [pair, pair],
  });
}

describe("reports", () => {
  const sets = setPage();
  const tokenizers = tokenizerPage();

  it("ask nobody for anything and run nothing, whatever names and texts hold", async () => {
    for (const page of [(await sets).page, await tokenizers]) {
      expect(requests(page)).toEqual([]);
      expect(page).not.toContain(hostile);
      expect(page).toContain("&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;");
      expect(page).toContain(`content="default-src &#39;none&#39;;`);
    }
  });

  it("show samples, reference, closest pictures and curves", async () => {
    const { page } = await sets;
    const titles = [...page.matchAll(/<h[23]>([^<]*)<\/h[23]>/g)].map(([, title]) => title);
    expect(titles).toEqual([
      "Numbers",
      "Samples",
      "Reference",
      "Closest reference pictures",
      "Curves",
      "Distance by number of pictures",
      "Distance to the closest reference picture",
      "Settings",
    ]);
    // 21 samples, 10 of the reference, 21 strips of a sample and 2 neighbours in two measures
    expect(page.match(/<img /g)).toHaveLength(21 + 10 + 21 * 5);
    expect(page.match(/<svg /g)).toHaveLength(2);
  });

  it("find a copy in pixels and in features", async () => {
    const { gallery } = await sets;
    const { byFeatures, byPixels } = gallery.strips[20]!;
    for (const [closest] of [byFeatures, byPixels]) {
      expect(closest).toMatchObject({ distance: 0, shown: { name: "3" } });
    }
    expect(gallery.strips[0]!.byPixels[0]!.distance).toBeGreaterThan(1);
  });

  it("show originals, reconstructions and differences of a tokenizer, and its codes by map", async () => {
    const page = await tokenizers;
    expect(page.match(/<img /g)).toHaveLength(4 * 3);
    expect(page).toContain("<h3>Codebook usage</h3>");
    expect(page).toContain("<h3>PSNR</h3>");
  });
});
