import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blankPicture, type Picture } from "../images/picture.ts";
import { random } from "../random/random.ts";
import { clipPicture } from "./clip-pictures.ts";

function noise(width: number, height: number): Picture {
  const uniforms = random(1, "noise").uniforms(width * height * 3);
  return { width, height, data: Uint8Array.from(uniforms, (u) => u * 256) };
}

describe("pictures for CLIP", () => {
  it("of the network's size stay as they are", () => {
    const picture = noise(24, 24);
    expect(clipPicture(picture, 24)).toEqual(picture);
  });

  it("keep a single colour at every size", () => {
    const size = fc.integer({ min: 1, max: 90 });
    fc.assert(
      fc.property(size, size, (width, height) => {
        const colour = [255, 7, 0] as const;
        const picture = blankPicture(width, height, colour);
        expect(clipPicture(picture, 16)).toEqual(blankPicture(16, 16, colour));
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  it("lose the same at both ends of the longer side", () => {
    const { data } = noise(40, 24);
    const middle = Uint8Array.from({ length: 24 * 24 * 3 }, (_, i) => {
      const [row, rest] = [Math.floor(i / 72), i % 72];
      return data[row * 120 + 24 + rest]!;
    });
    expect(clipPicture({ width: 40, height: 24, data }, 24).data).toEqual(middle);
  });

  it("shrink with Keys' filter widened by the scale, each direction rounded to bytes", () => {
    // one bright column out of four: its share of the left output is 0.5664 of 255, of the right −0.0664
    const row = [0, 255, 0, 0].flatMap((value) => [value, value, value]);
    const data = Uint8Array.from([...row, ...row, ...row, ...row]);
    const small = clipPicture({ width: 4, height: 4, data }, 2).data;
    const filter = (x: number) => {
      const t = Math.abs(x);
      if (t < 1) return 1.5 * t ** 3 - 2.5 * t ** 2 + 1;
      return t < 2 ? -0.5 * t ** 3 + 2.5 * t ** 2 - 4 * t + 2 : 0;
    };
    const share = (centre: number) => {
      const weights = [0, 1, 2, 3].map((x) => filter((x + 0.5 - centre) / 2));
      return weights[1]! / weights.reduce((a, b) => a + b, 0);
    };
    const [left, right] = [share(1), share(3)].map((s) => Math.max(0, Math.round(255 * s)));
    expect([...small]).toEqual([
      left,
      left,
      left,
      right,
      right,
      right,
      left,
      left,
      left,
      right,
      right,
      right,
    ]);
  });
});
