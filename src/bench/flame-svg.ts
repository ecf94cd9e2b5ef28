/** A tree of times as a picture: a box per node of the tree, as wide as its time, children below. */
import type { Family, Flame } from "./flame.ts";

const WIDTH = 1600;
const MARGIN = 16;
const ROW = 24;
const HEAD = 58;
const LEGEND = 44;
/** Narrower boxes are not drawn, in pixels. */
const THINNEST = 0.25;
/** Advance of a character of the label's font, in pixels; a little more than the mean. */
const CHARACTER = 6.4;

const colors: Readonly<Record<Family, readonly [fill: string, words: string]>> = {
  group: ["#dfe3e9", "phases, layers and their parts"],
  product: ["#7fa8dc", "products and convolutions"],
  norm: ["#e7b96c", "reductions, norms, softmax"],
  elementwise: ["#93c48b", "element by element"],
  layout: ["#c9a3d6", "layout"],
  other: ["#c4c0b6", "everything else"],
};

/** Groups of the levels from the top, so that neighbouring rows can be told apart. */
const levelFills = ["#cfd5de", "#d7dce4", "#dfe3e9", "#e9ecf0"];

/** The SVG of a tree. Times stand in the titles that a browser shows under the pointer. */
export function flameSvg(root: Flame): string {
  const boxes: string[] = [];
  const scale = (WIDTH - 2 * MARGIN) / root.ms;
  const draw = (node: Flame, x: number, level: number, path: readonly string[]): void => {
    const width = node.ms * scale;
    if (width < THINNEST) return;
    boxes.push(box(node, { x, y: HEAD + level * ROW, width }, [...path, node.name], root.ms));
    let left = x;
    for (const child of node.children) {
      draw(child, left, level + 1, [...path, node.name]);
      left += child.ms * scale;
    }
  };
  draw(root, MARGIN, 0, []);
  const depth = depthOf(root);
  const height = HEAD + depth * ROW + LEGEND;
  const font = 'font-family="system-ui, sans-serif" font-size="12"';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" ${font}>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="${MARGIN}" y="26" font-size="16" font-weight="600">${escaped(root.name)}</text>`,
    `<text x="${MARGIN}" y="45" fill="#555">${time(root.ms)} in the engine, from left to right; ` +
      "what a box does not cover below itself is the engine's own time</text>",
    ...boxes,
    legend(HEAD + depth * ROW + 14),
    "</svg>",
    "",
  ].join("\n");
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

function box(
  { name, ms, family, note }: Flame,
  { x, y, width }: Place,
  path: readonly string[],
  all: number,
): string {
  const inner = Math.max(width - 0.6, THINNEST);
  const share = `${((100 * ms) / all).toFixed(1)} %`;
  const facts = [time(ms), share, ...(note ? [note] : [])].join(", ");
  const title = `${path.slice(1).join(" / ") || name}: ${facts}`;
  const fill = (family === "group" && levelFills[path.length - 1]) || colors[family][0];
  const rect = `<rect x="${px(x)}" y="${y}" width="${px(inner)}" height="${ROW - 1}" fill="${fill}"/>`;
  const label = labelOf(name, ms, width);
  const text = label && `<text x="${px(x + 4)}" y="${y + 16}">${escaped(label)}</text>`;
  return `<g><title>${escaped(title)}</title>${rect}${text}</g>`;
}

/** The name and its time, the name, its last words (`blocks.3`, `3`), or nothing: what has room. */
function labelOf(name: string, ms: number, width: number): string {
  const room = Math.floor((width - 6) / CHARACTER);
  const tails = [...name.matchAll(/(?<=[. ]|^)[^. ]/g)].map(({ index }) => name.slice(index));
  return [`${name} ${time(ms)}`, ...tails].find((label) => label.length <= room) ?? "";
}

function legend(y: number): string {
  let x = MARGIN;
  const items = Object.values(colors).map(([fill, words]) => {
    const item =
      `<rect x="${px(x)}" y="${y}" width="12" height="12" fill="${fill}"/>` +
      `<text x="${px(x + 18)}" y="${y + 10}" fill="#333">${words}</text>`;
    x += 18 + words.length * CHARACTER + 24;
    return item;
  });
  return items.join("\n");
}

function depthOf({ children }: Flame): number {
  return 1 + Math.max(0, ...children.map(depthOf));
}

function time(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return ms >= 1 ? `${ms.toFixed(1)} ms` : `${(1000 * ms).toFixed(0)} µs`;
}

function px(value: number): string {
  return String(Number(value.toFixed(2)));
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
