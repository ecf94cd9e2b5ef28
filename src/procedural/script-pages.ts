/** Pages of a script other than Latin, with words of random signs. */
import { blankPicture } from "../images/picture.ts";
import { random } from "../random/random.ts";
import { colourOfLuma, luma, pick } from "./colours.ts";
import type { Script } from "./script.ts";
import { cellsOf, lineWidth, type TextLine, type TextPicture, write } from "./text-picture.ts";

const margin = 14;

/** As many lines as fit, of 20 to 40 pixels an em, in one ink on one ground. */
export function scriptPage(script: Script, seed: number, index: number, side = 256): TextPicture {
  const draws = random(seed, script.name, index);
  const scale = (20 + draws.integer(21)) / 20;
  const ink = colourOfLuma(draws, 10 + draws.integer(60), 0.9);
  const paper = colourOfLuma(draws, 215 + draws.integer(35), 0.3);
  const signs = [...script.glyphs.keys()];
  const leading = Math.round((script.bottom - script.top + 4) * scale);
  const lines: TextLine[] = [];
  for (let y = margin - Math.round(script.top * scale); ; y += leading) {
    if (y + script.bottom * scale > side - margin) break;
    const words: string[][] = [];
    for (;;) {
      const next = Array.from({ length: 1 + draws.integer(4) }, () => pick(draws, signs));
      const cells = cellsOf(script, [...words, next], { scale, snap: true });
      if (lineWidth(cells) > side - 2 * margin) break;
      words.push(next);
    }
    // a line whose first word was too long still gets one sign
    if (words.length === 0) words.push([pick(draws, signs)]);
    const cells = cellsOf(script, words, { scale, snap: true });
    const contrast = luma(ink) - luma(paper);
    lines.push({ x: margin, y, scale, angle: 0, pen: 1.5, contrast, cells });
  }
  return write(blankPicture(side, side, paper), script, [{ lines, ink: () => ink }]);
}
