/** Plots from Vega-Lite descriptions. */
import { writeFile } from "node:fs/promises";
import sharp from "sharp";
import type { TopLevelSpec } from "vega-lite";

/** @returns an SVG document. */
export async function plotSvg(spec: TopLevelSpec): Promise<string> {
  // a quarter of a second of modules, for those who plot
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}

/** Writes `path.svg`, and `path.png` at twice its size. */
export async function writePlot(spec: TopLevelSpec, path: string): Promise<void> {
  const svg = await plotSvg(spec);
  await writeFile(`${path}.svg`, svg);
  await sharp(Buffer.from(svg), { density: 144 }).png().toFile(`${path}.png`);
}
