import { expect, test } from "vitest";
import { evaluate } from "../../test/ops/evaluate.ts";
import { input } from "../graph/ops/source.ts";
import { random } from "../random/random.ts";
import { normal } from "./initializers.ts";
import { layer, Scope } from "./layer.ts";
import { matrixFormats, packMatrix } from "./matrix-format.ts";
import { fannedMatrices, weightMatrix } from "./weight-matrix.ts";

const K = 70;
const sizes = { narrow: 5, wide: 9 };
const matrixOf = (outputs: number) => ({ shape: [outputs, K], init: normal(1) }) as const;
const matrices = { narrow: matrixOf(sizes.narrow), wide: matrixOf(sizes.wide) };

test.each(matrixFormats)(
  "%s: matrices that share an input are as each by itself",
  async (format) => {
    const constants = new Map<string, Float32Array | Uint16Array | Int8Array | Uint8Array>();
    for (const [where, { shape }] of Object.entries(matrices)) {
      const weights = random(shape[0]).normals(shape[0] * K);
      if (format === "float32") constants.set(where, weights);
      else {
        const { values, scales } = packMatrix(format, { where, weights, shape });
        constants.set(where, values);
        if (scales) constants.set(`${where}.scales`, scales);
      }
    }
    const scope = () => new Scope("", undefined, format);
    const x = input("x", "float32", [3, K]);
    const fanned = scope();
    const joint = fannedMatrices(matrices).bind(fanned)(x);
    const parts = { narrow: weightMatrix(matrices.narrow), wide: weightMatrix(matrices.wide) };
    const each = layer(parts, ({ narrow, wide }, x: typeof joint.narrow) => ({
      narrow: narrow(x),
      wide: wide(x),
    })).bind(scope())(x);
    expect([...fanned.specs.keys()]).toEqual(["narrow", "wide"]);
    const feeds = { x: random(1).normals(3 * K) };
    const run = ({ narrow: a, wide: b }: typeof joint) => evaluate({ a, b }, feeds, { constants });
    const found = await run(joint);
    // the kernel adds in other groups where columns stand elsewhere
    for (const [name, values] of Object.entries(await run(each))) {
      values.forEach((value, i) => {
        expect(found[name]![i]).toBeCloseTo(value, 4);
      });
    }
    expect(new Set(found.a).size).toBe(3 * sizes.narrow);
    expect(new Set(found.b).size).toBe(3 * sizes.wide);
  },
);
