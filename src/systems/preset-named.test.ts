import { describe, expect, it } from "vitest";
import { systems } from "./index.ts";
import { presetNamed } from "./preset-named.ts";

const named = (name: string) => presetNamed(systems, name)?.name;

describe("presetNamed", () => {
  it.each([
    ["d16", "var d16-256"],
    ["d36", "var d36s-512"],
    ["d30-256", "var d30-256"],
    ["var-d16", "var d16-256"],
    ["llamagen-b", "llamagen b-256"],
    ["llamagen-b-384", "llamagen b-384"],
    ["t2i-xl", "llamagen t2i-xl-256"],
    ["xxl", "llamagen xxl-384"],
    ["mar-b", "mar b-256"],
    ["mar-l-512", "mar l-512"],
    ["h-256", "mar h-256"],
    ["mar-tiny", "mar tiny"],
  ])("finds %s: %s", (name, preset) => expect(named(name)).toBe(preset));

  it("knows nothing else", () => expect(named("d17")).toBe(undefined));

  it("asks for the system where several have such a preset", () => {
    expect(() => named("b-256")).toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: b-256: expected a preset of one system, got one of 2: llamagen-b-256, mar-b-256. Put the system's name in front.]`,
    );
  });
});
