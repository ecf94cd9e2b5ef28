import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { lossTerms } from "./loss-terms.ts";
import { parseRecipe } from "./parse-recipe.ts";
import type { TokenizerRecipe } from "./recipe.ts";
import { networkIdentity } from "./run-settings.ts";
import { smallTokenizer } from "./small-tokenizer.ts";

/** The shipped recipe with further losses, as a file would say them. */
function recipe(losses: object): TokenizerRecipe {
  const parsed = parseRecipe({ extends: "small-tokenizer", name: "mine", losses }, "mine.json");
  return parsed as TokenizerRecipe;
}

const adversarial = { start: { share: 0.5 } };
const perceptual = { network: "emoji-scenes", weight: 1 };
const plan = { steps: 1000 };

describe("losses that bring a network", () => {
  it("are off unless a recipe names them", async () => {
    expect(await lossTerms(smallTokenizer, plan)).toEqual({});
  });

  it("name a shipped classifier, and LlamaGen's discriminator", async () => {
    const terms = await lossTerms(recipe({ perceptual, adversarial }), plan);
    expect(terms.perceptual!.name).toMatch(/^PercDist\[emoji-scenes-.*-D\d+-[0-9a-f]{8}\]$/);
    expect(terms.perceptual!.weight).toBe(1);
    expect(networkIdentity(terms.perceptual!)).toMatch(/ [0-9a-f]{16}$/);
    expect(terms.adversary).toEqual({
      weight: 0.5,
      start: 500,
      discriminator: { channels: 64, layers: 3 },
    });
  });

  it("are refused before anything takes time if a network or its files are not there", async () => {
    const missing = recipe({ perceptual: { ...perceptual, network: "emoji-scene" } });
    await expect(lossTerms(missing, plan)).rejects.toThrow(/emoji-scenes/);
    const files = recipe({
      perceptual: { network: { trunk: "no-such.pth", heads: "no.pth" }, weight: 1 },
    });
    await expect(lossTerms(files, plan)).rejects.toThrow(/no-such\.pth/);
  });

  it("are refused if pictures are too small", async () => {
    const own = recipe({ adversarial: { ...adversarial, layers: 5 } });
    await expect(lossTerms(own, plan)).rejects.toThrow(ConfigError);
    await expect(lossTerms(own, plan)).rejects.toThrow(
      "losses.adversarial: expected pictures of at least 96x96 for a discriminator of 5 layers, " +
        "got 64x64. Fewer layers judge smaller pictures.",
    );
    const base = recipe({ perceptual });
    const tiny = { ...base, data: { ...base.data, size: 2 } };
    await expect(lossTerms(tiny, plan)).rejects.toThrow(
      /^losses\.perceptual: expected pictures that are large enough for PercDist\[.*got 2x2/,
    );
  });
});
