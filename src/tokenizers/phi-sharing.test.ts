import fc from "fast-check";
import { expect, test } from "vitest";
import { phiCount, phiIndex, phiMap } from "./phi-sharing.ts";

test("ten scales share four convolutions as the released weights do, ties included", () => {
  expect(phiMap(10, 4).join(" ")).toBe("0 0 1 1 1 2 2 3 3 3");
});

test("fourteen scales share four convolutions as the released code does", () => {
  expect(phiMap(14, 4).join(" ")).toBe("0 0 0 1 1 1 1 2 2 2 2 3 3 3");
});

test("sharing 1 is one convolution for all scales", () => {
  expect([...phiMap(5, 1)]).toEqual([0, 0, 0, 0, 0]);
  expect(phiCount(5, 1)).toBe(1);
});

test("sharing 0 is one convolution per scale", () => {
  expect([...phiMap(5, 0)]).toEqual([0, 1, 2, 3, 4]);
  expect(phiCount(5, 0)).toBe(5);
});

test("a lone scale uses the first convolution under every sharing", () => {
  for (const sharing of [0, 1, 2, 4, 7]) expect(phiIndex(0, 1, sharing)).toBe(0);
});

test("as many convolutions as scales give each scale its own", () => {
  for (const scales of [2, 3, 4, 5, 8, 10])
    expect(phiMap(scales, scales)).toEqual(phiMap(scales, 0));
});

test("the map never turns back, starts at the first and ends at the last convolution", () => {
  const property = fc.property(
    fc.integer({ min: 2, max: 20 }),
    fc.integer({ min: 2, max: 12 }),
    (scales, sharing) => {
      const map = [...phiMap(scales, sharing)];
      expect(map).toEqual([...map].sort((a, b) => a - b));
      expect(map[0]).toBe(0);
      expect(map.at(-1)).toBe(phiCount(scales, sharing) - 1);
    },
  );
  fc.assert(property, { seed: 8 });
});

test("two, three and four convolutions are all used by as many scales or more", () => {
  for (let sharing = 2; sharing <= 4; sharing++) {
    for (let scales = sharing; scales <= 16; scales++) {
      expect(new Set(phiMap(scales, sharing)).size).toBe(sharing);
    }
  }
});
