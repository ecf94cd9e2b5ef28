import { describe, expect, it } from "vitest";
import { runCaptured } from "../captured.ts";

describe("ordo systems", () => {
  it("lists every system with its paper and presets", async () => {
    const { code, stdout } = await runCaptured(["systems"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/var\s+VAR: next-scale prediction\s+arXiv:2404\.02905\s+d16-256/);
  });

  it("counts parameters, tokens and visible pairs from the parts", async () => {
    const { stdout } = await runCaptured(["systems", "var", "--json"]);
    const [system] = (JSON.parse(stdout) as { systems: [{ presets: object[]; parts: object }] })
      .systems;
    expect(system.presets[0]).toEqual({
      name: "d16-256",
      transformer: 310_283_520,
      tokenizer: 108_948_355,
      tokens: 680,
      passes: 10,
    });
    expect(system.parts).toMatchObject({ order: expect.stringContaining("286,434 visible pairs") });
  });

  it("names the systems there are when one is misspelled", async () => {
    const { code, stderr } = await runCaptured(["systems", "vra"]);
    expect(code).toBe(2);
    expect(stderr).toContain('no system is called "vra"; there are: var');
    expect(stderr).toContain("ordo systems var");
  });
});
