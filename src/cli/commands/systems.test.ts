import { describe, expect, it } from "vitest";
import { runCaptured } from "../captured.ts";

describe("ordo systems", () => {
  it("lists every paper with its classes and what was computed of its status", async () => {
    const { code, stdout } = await runCaptured(["systems"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^var +VAR +2024 +arXiv:2404\.02905 +scale .* generator +- +parts, /m);
    expect(stdout).toMatch(/^jpeg-lm +JPEG-LM +2024 /m);
    expect(stdout).toMatch(/^47 entries, /m);
  });

  it("draws the survey's tree", async () => {
    const { stdout } = await runCaptured(["systems", "--tree"]);
    expect(stdout).toMatch(/^Image generation\n ├ Unconditional and class-conditional\n/);
    expect(stdout).toMatch(/^ │ └ Scale-wise: var \(parts[^)]*\), /m);
    expect(stdout).toMatch(/^ └ Shapes: octgpt/m);
    const { stdout: json } = await runCaptured(["systems", "--tree", "--json"]);
    const { tree } = JSON.parse(json) as { tree: { title: string }[] };
    expect(tree.map(({ title }) => title)).toContain("Multimodal");
  });

  it("keeps those of all the classes and the status asked for", async () => {
    const names = async (...words: string[]): Promise<string[]> => {
      const { stdout } = await runCaptured(["systems", ...words, "--json"]);
      const { systems } = JSON.parse(stdout) as { systems: { name: string }[] };
      return systems.map(({ name }) => name);
    };
    expect(await names("--status", "parts", "--class", "scale")).toContain("var");
    expect(await names("--class", "role=adapter,head=bits")).toEqual(["scaleweaver"]);
    expect(await names("--class", "pixel,bits")).toEqual([]);
  });

  it("names every word that is no class or status", async () => {
    const { code, stderr } = await runCaptured(["systems", "--class", "wavelet,order=blue"]);
    expect(code).toBe(2);
    expect(stderr).toContain("no class is called wavelet");
    expect(stderr).toContain("order is one of raster, random");
    expect((await runCaptured(["systems", "--status", "done"])).stderr).toContain("one of planned");
    expect((await runCaptured(["systems", "var", "--tree"])).code).toBe(2);
  });

  it("tells of a planned system what its paper is and which parts it will stand on", async () => {
    const { code, stdout } = await runCaptured(["systems", "jpeg-lm"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Han et al. 2024, arXiv:2408.08459");
    expect(stdout).toMatch(/^tokenizer +codec$/m);
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
