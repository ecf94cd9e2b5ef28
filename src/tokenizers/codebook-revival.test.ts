import fc from "fast-check";
import { expect, test } from "vitest";
import { ShapeError } from "../errors.ts";
import { random } from "../random/random.ts";
import { afterRevival, deadCodes, reviveCodes } from "./codebook-revival.ts";

const candidates = Float32Array.from({ length: 12 }, (_, i) => i); // 6 rows of 2
const base = { candidates, channels: 2, threshold: 1 };

test("codes below the threshold are dead, least used first", () => {
  expect(deadCodes([0.5, 3, 0, 1, 0.2, 0], 1)).toEqual([2, 5, 4, 0]);
});

test("each dead code becomes another candidate vector", () => {
  const revivals = reviveCodes({ ...base, hits: [0, 5, 0.5, 5], random: random(1) });
  expect(revivals.map(({ code }) => code)).toEqual([0, 2]);
  expect(new Set(revivals.map(({ candidate }) => candidate)).size).toBe(2);
  for (const { candidate, vector } of revivals) {
    expect([...vector]).toEqual([2 * candidate, 2 * candidate + 1]);
  }
});

test("nothing is revived while all codes live, or without candidates", () => {
  expect(reviveCodes({ ...base, hits: [1, 2], random: random(1) })).toEqual([]);
  const none = { ...base, candidates: new Float32Array(0), hits: [0, 0], random: random(1) };
  expect(reviveCodes(none)).toEqual([]);
});

test("the limit keeps the least used codes", () => {
  const revivals = reviveCodes({ ...base, hits: [0.5, 0, 0.9, 0.1], random: random(1), limit: 2 });
  expect(revivals.map(({ code }) => code)).toEqual([1, 3]);
});

test("a new code is a copy", () => {
  const own = candidates.slice();
  const [revival] = reviveCodes({ ...base, candidates: own, hits: [0], random: random(1) });
  const before = [...revival!.vector];
  own.fill(-1);
  expect([...revival!.vector]).toEqual(before);
});

test("the same seed revives alike, another seed differently", () => {
  const many = Float32Array.from({ length: 200 }, (_, i) => i);
  const codes = (seed: number) =>
    reviveCodes({ ...base, candidates: many, hits: Array(50).fill(0), random: random(seed) }).map(
      ({ candidate }) => candidate,
    );
  expect(codes(1)).toEqual(codes(1));
  expect(codes(1)).not.toEqual(codes(2));
});

test("no code and no candidate appears twice, and only dead codes appear", () => {
  const hits = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 });
  const property = fc.property(hits, fc.nat(40), fc.nat(), (counts, rows, seed) => {
    const revivals = reviveCodes({
      ...base,
      candidates: new Float32Array(rows * 2),
      hits: counts,
      random: random(seed),
    });
    const dead = counts.filter((count) => count < 1).length;
    expect(revivals.length).toBe(Math.min(dead, rows));
    expect(new Set(revivals.map(({ code }) => code)).size).toBe(revivals.length);
    expect(new Set(revivals.map(({ candidate }) => candidate)).size).toBe(revivals.length);
    for (const { code } of revivals) expect(counts[code]).toBe(0);
  });
  fc.assert(property, { seed: 10 });
});

test("revived codes are given time before they are judged again", () => {
  const hits = Float32Array.of(0, 5, 2, 5);
  const revivals = reviveCodes({ ...base, hits: [0, 5], random: random(1) });
  const raised = afterRevival(hits, revivals, { codes: 2, hitsOfRevived: 1 });
  expect([...raised]).toEqual([1, 5, 2, 5]);
  expect(deadCodes(raised.subarray(0, 2), 1)).toEqual([]);
});

test("candidates that are no whole rows are refused", () => {
  const broken = { ...base, candidates: new Float32Array(5), hits: [0], random: random(1) };
  expect(() => reviveCodes(broken)).toThrow(ShapeError);
});
