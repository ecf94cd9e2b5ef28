import { describe, expect, it } from "vitest";
import { nextScale } from "../orders/next-scale.ts";
import type { Order } from "../orders/order.ts";
import { squareScales } from "../orders/scale-schedule.ts";
import { classify, type Declarations, derivedClasses, isParallel } from "./index.ts";

const scales = squareScales([1, 2, 3]);
const varLike: Declarations = {
  kinds: { tokenizer: "multi-scale-residual-vq", predictor: "adaln-transformer" },
  tokenizer: { scales },
  order: nextScale(scales, { attention: "block-causal", input: "reconstruction" }),
  head: { kind: "categorical" },
  conditioning: { accepts: { kind: "classes" } },
};

/** One token per step, each seeing itself and those before it, or whatever else is asked. */
function raster(visible: Order["visible"] = (query, key) => key <= query, perStep = 1): Order {
  const steps = Array.from({ length: 4 }, (_, k) => ({
    start: k * perStep,
    count: perStep,
    input: "start" as const,
  }));
  return { name: "raster", steps, tokenCount: 4 * perStep, visible };
}
const rasterLike: Declarations = {
  kinds: { tokenizer: "vq", predictor: "llama-transformer" },
  tokenizer: {},
  order: raster(),
  head: { kind: "categorical" },
  conditioning: { accepts: { kind: "words" } },
};

describe("classify", () => {
  it("finds in VAR's parts what the survey says of VAR", () => {
    // sheet survey: "var | scale | map / scale | discrete, softmax | generator c2i | -"
    expect(derivedClasses().get("var")).toMatchObject({
      family: "scale",
      unit: "token-map",
      order: "scale",
      latent: "discrete",
      head: "categorical",
      task: ["class-to-image"],
    });
    // sheet var: multi-scale residual VQ, block-causal, AdaLN transformer, class embedding
    expect(derivedClasses().get("var")).toMatchObject({
      tokenizer: "multi-scale-residual-vq",
      attention: "block-causal",
      predictor: "adaln-transformer",
      conditioning: ["class"],
    });
    expect(isParallel(derivedClasses().get("var")!)).toBe(true);
  });

  it("sees from the visibility itself what a step attends to", () => {
    const hmar = nextScale(scales, { attention: "block-diagonal", input: "reconstruction" });
    expect(classify({ ...varLike, order: hmar }).attention).toBe("block-diagonal");
    expect(classify(rasterLike).attention).toBe("causal");
    expect(classify({ ...rasterLike, order: raster(() => true) }).attention).toBe("bidirectional");
    const near = raster((query, key) => key === query || key === query - 1);
    expect(classify({ ...rasterLike, order: near }).attention).toBe("windowed");
  });

  it("tells the families by what one step predicts", () => {
    expect(classify(rasterLike)).toMatchObject({ family: "token", unit: "token" });
    const fours = raster((query, key) => Math.floor(key / 4) <= Math.floor(query / 4), 4);
    expect(classify({ ...rasterLike, order: fours })).toMatchObject({
      family: "token",
      unit: "token-set",
      attention: "block-causal",
    });
    const pixels = { ...rasterLike, kinds: { ...rasterLike.kinds, tokenizer: "none" } } as const;
    expect(classify(pixels)).toMatchObject({ family: "pixel" });
  });

  it("takes the latent from the head: bits are binary, drawn vectors continuous", () => {
    const latent = (kind: Declarations["head"]["kind"]) =>
      classify({ ...varLike, head: { kind } }).latent;
    expect(latent("bits")).toBe("binary");
    expect(latent("diffusion")).toBe("continuous");
    expect(latent("flow")).toBe("continuous");
  });

  it("takes the task from what may be asked for", () => {
    const words = classify({ ...varLike, conditioning: { accepts: { kind: "words" } } });
    expect(words).toMatchObject({ conditioning: ["text"], task: ["text-to-image"] });
  });

  it("refuses an order that is called a sequence of maps and is none", () => {
    const order = { ...raster(), name: "next-scale (block-causal)" };
    expect(() => classify({ ...rasterLike, order })).toThrow(
      /each predict one whole map.*steps that predict a token/s,
    );
    expect(() => classify({ ...rasterLike, order: { ...raster(), name: "spiral" } })).toThrow(
      /a name of the taxonomy.*spiral/s,
    );
  });
});
