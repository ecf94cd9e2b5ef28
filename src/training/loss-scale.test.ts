import { describe, expect, it } from "vitest";
import { firstLossScale, isHopeless, type LossScale, nextLossScale } from "./loss-scale.ts";

const following = (from: LossScale, finite: readonly boolean[]) =>
  finite.reduce(nextLossScale, from);

describe("the loss scale", () => {
  it("is halved by every overflow, until there is nothing left to halve", () => {
    const falling = Array.from({ length: 17 }, (_, i) =>
      following(firstLossScale, new Array<boolean>(i).fill(false)),
    );
    expect(falling.map(({ factor }) => factor)).toEqual(falling.map((_, i) => 2 ** (16 - i)));
    expect(falling.map(isHopeless)).toEqual(falling.map((_, i) => i === 16));
    expect(falling.at(-1)!.skipped).toBe(16);
  });

  it("is doubled after 1000 good updates in a row, up to a limit", () => {
    const good = (count: number) => new Array<boolean>(count).fill(true);
    expect(following(firstLossScale, good(999)).factor).toBe(2 ** 16);
    expect(following(firstLossScale, good(1000))).toEqual({ factor: 2 ** 17, good: 0, skipped: 0 });
    const interrupted = [...good(999), false, ...good(999)];
    expect(following(firstLossScale, interrupted).factor).toBe(2 ** 15);
    expect(following(firstLossScale, good(20_000)).factor).toBe(2 ** 24);
  });
});
