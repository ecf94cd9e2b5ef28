/** Originals and reconstructions side by side, pixel for pixel, under the codecs' names. */
import { grid } from "../images/grid.ts";
import { blankPicture, type Picture } from "../images/picture.ts";
import { latin } from "../procedural/latin.ts";
import { cellsOf, lineWidth, write } from "../procedural/text-picture.ts";
import type { SheetRows } from "./run.ts";
import { cut } from "./tiles.ts";

const side = 176;
const labelHeight = 22;
const failedGrey = [200, 200, 200] as const;

/** The middle of each picture, unscaled; grey where a codec failed. */
export function contactSheet({ rows }: SheetRows, codecs: readonly string[]): Picture {
  const columns = 1 + codecs.length;
  const labels = ["original", ...codecs].map(label);
  const pictures = rows.flatMap(({ original, rebuilt }) =>
    [original, ...rebuilt].map((picture) =>
      picture ? middle(picture) : blankPicture(side, side, failedGrey),
    ),
  );
  return below(grid(labels, { columns }), grid(pictures, { columns }));
}

function middle(picture: Picture): Picture {
  const left = Math.max(0, (picture.width - side) >> 1);
  const top = Math.max(0, (picture.height - side) >> 1);
  return cut(picture, left, top, { width: side, height: side });
}

/** A name in our own letters, as large as fits. */
function label(name: string): Picture {
  const words = name
    .split(/[^A-Za-z0-9.-]+/)
    .filter(Boolean)
    .map((word) => [...word]);
  const room = side - 8;
  const scale = Math.min(0.7, room / lineWidth(cellsOf(latin, words, { scale: 1 })));
  const cells = cellsOf(latin, words, { scale });
  const y = labelHeight / 2 - 8 * scale;
  const line = { x: 4, y, scale, angle: 0, pen: 1.9, contrast: -255, cells };
  const ground = blankPicture(side, labelHeight);
  return write(ground, latin, [{ lines: [line], ink: () => [0, 0, 0] }]).picture;
}

function below(upper: Picture, lower: Picture): Picture {
  const data = new Uint8Array(upper.data.length + lower.data.length);
  data.set(upper.data);
  data.set(lower.data, upper.data.length);
  return { width: upper.width, height: upper.height + lower.height, data };
}
