import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { type OutputOptions, outputPaths, slug } from "./output-paths.ts";

const apple = { prompt: "Red apple!", seed: 7, model: "emoji-var" };

function paths(options: Partial<OutputOptions> & { readonly existing?: readonly string[] }) {
  const { existing = [], ...rest } = options;
  return outputPaths({
    pictures: [apple],
    formats: ["png", "webp"],
    exists: (path) => existing.includes(path),
    isFolder: (path) => path === "pictures",
    ...rest,
  });
}

describe("outputPaths", () => {
  it("names pictures after prompt and seed in the current folder", () => {
    const pictures = [apple, { ...apple, seed: 8 }];
    expect(paths({ pictures })).toEqual(["red-apple-7.png", "red-apple-8.png"]);
  });

  it("takes an existing folder, a trailing slash and a name without ending for a folder", () => {
    expect(paths({ output: "pictures" })).toEqual(["pictures/red-apple-7.png"]);
    expect(paths({ output: "a.b/" })).toEqual(["a.b/red-apple-7.png"]);
    expect(paths({ output: "out" })).toEqual(["out/red-apple-7.png"]);
  });

  it("takes a name with a known ending for a file, one per picture", () => {
    expect(paths({ output: "x/apple.WEBP" })).toEqual(["x/apple.WEBP"]);
    const pictures = [apple, { ...apple, seed: 8 }];
    expect(paths({ output: "apple.png", pictures })).toEqual(["apple-0.png", "apple-1.png"]);
  });

  it("fills patterns", () => {
    expect(paths({ output: "{model}/{prompt}_{seed}_{index}.webp" })).toEqual([
      "emoji-var/red-apple_7_0.webp",
    ]);
    expect(paths({ output: "{seed}" })).toEqual(["7.png"]);
    expect(paths({ output: "v1.{seed}" })).toEqual(["v1.7.png"]);
  });

  it("adds a number to existing files unless told to overwrite them", () => {
    const existing = ["red-apple-7.png", "red-apple-7-2.png"];
    expect(paths({ existing })).toEqual(["red-apple-7-3.png"]);
    expect(paths({ existing, force: true })).toEqual(["red-apple-7.png"]);
  });

  it("never gives two pictures one name, not even when overwriting", () => {
    const pictures = [apple, apple, apple];
    expect(paths({ output: "{prompt}.png", pictures, force: true })).toEqual([
      "red-apple.png",
      "red-apple-2.png",
      "red-apple-3.png",
    ]);
  });

  it("refuses unknown placeholders and endings", () => {
    expect(() => paths({ output: "{sed}.png" })).toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: --output: expected only {prompt} {seed} {index} {model} in braces, got {sed}]`,
    );
    expect(() => paths({ output: "apple.gif" })).toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: --output: expected a file ending in .png, .webp, got apple.gif. End it with / if it is a folder.]`,
    );
    expect(() => paths({ output: "-" })).toThrow(ConfigError);
  });

  it("gives every picture a free path of its own inside the folder, whatever the prompt", () => {
    const picture = fc.record({
      prompt: fc.string({ unit: "grapheme" }),
      seed: fc.nat(3),
      model: fc.constantFrom("emoji-var", "hf:owner/name", "../up"),
    });
    fc.assert(
      fc.property(fc.array(picture, { maxLength: 6 }), fc.boolean(), (pictures, force) => {
        const existing = ["pictures/a-0.png", "pictures/picture-1.png"];
        const made = paths({ output: "pictures", pictures, existing, force });
        expect(new Set(made).size).toBe(pictures.length);
        for (const path of made) {
          expect(path).toMatch(/^pictures\/[^/\\]+\.png$/);
          expect(Buffer.byteLength(path)).toBeLessThan(255);
          if (!force) expect(existing).not.toContain(path);
        }
      }),
      { seed: 1 },
    );
  });
});

describe("slug", () => {
  it("keeps letters and digits of any script, without accents", () => {
    expect(slug("  Crème brûlée, 2×! ")).toBe("creme-brulee-2");
    expect(slug("红苹果")).toBe("红苹果");
    expect(slug("../../etc/passwd")).toBe("etc-passwd");
    expect(slug("!?")).toBe("picture");
  });
});
