import { describe, expect, it } from "vitest";
import { officialVarNames } from "./official-var.ts";
import { officialVarSettings } from "./official-var-settings.ts";
import { parityWeights, readParityCase } from "./parity-case.ts";
import { float32Tensor } from "./tensor-data.ts";

const cases = ["var-tiny", "var-shared-adaln", "var-10-scales"];
const golden = (name: string) =>
  readParityCase(new URL(`../../test/golden/${name}`, import.meta.url).pathname);
const { fromOfficial, toOfficial, isBuffer, rename } = officialVarNames;

describe("the names of official VAR checkpoints", () => {
  it.each(cases)("map one to one onto ours, for every parameter of %s", async (name) => {
    const keys = (await golden(name)).weights.map(({ key }) => key);
    const ours = keys.map((key) => fromOfficial(key));
    expect(ours.filter((path, i) => path === null || toOfficial(path) !== keys[i])).toEqual([]);
    expect(new Set(ours).size).toBe(keys.length);
    expect(keys.filter(isBuffer)).toEqual([]);
  });

  it.each([
    ["var-tiny", 323, 34],
    ["var-shared-adaln", 323, 34],
    ["var-10-scales", 323, 34],
  ])(
    "are %s's %i tokenizer and %i transformer parameters",
    async (name, tokenizer, transformer) => {
      const parity = await golden(name);
      const renamed = rename(parityWeights(parity), { where: parity.path });
      const paths = [...renamed.keys()];
      const inTokenizer = paths.filter((path) => path.startsWith("tokenizer."));
      expect([inTokenizer.length, paths.length - inTokenizer.length]).toEqual([
        tokenizer,
        transformer,
      ]);
    },
  );

  it.each([
    [
      "vqvae.encoder.down.4.block.0.nin_shortcut.weight",
      "tokenizer.encoder.levels.4.blocks.0.shortcut.weight",
    ],
    ["vqvae.encoder.down.3.downsample.conv.bias", "tokenizer.encoder.levels.3.downsample.bias"],
    [
      "vqvae.decoder.up.4.attn.2.proj_out.weight",
      "tokenizer.decoder.levels.4.attentions.2.projection.weight",
    ],
    ["vqvae.decoder.up.1.upsample.conv.weight", "tokenizer.decoder.levels.1.upsample.weight"],
    ["vqvae.encoder.mid.attn_1.qkv.weight", "tokenizer.encoder.middle.attention.qkv.weight"],
    ["vqvae.quantize.embedding.weight", "tokenizer.quantizer.codebook"],
    ["vqvae.quantize.quant_resi.qresi_ls.3.bias", "tokenizer.quantizer.phi.3.bias"],
    ["vqvae.post_quant_conv.bias", "tokenizer.postQuantConv.bias"],
    ["var.class_emb.weight", "condition.classEmbedding"],
    ["var.blocks.29.attn.scale_mul_1H11", "blocks.29.attention.temperature.logScale"],
    ["var.blocks.0.ada_gss", "blocks.0.modulations.offset"],
    ["var.shared_ada_lin.1.weight", "steering.weight"],
    ["var.head_nm.ada_lin.1.bias", "head.modulation.bias"],
    ["var.head.weight", "head.logits.weight"],
  ])("call %s %s", (official, ours) => {
    expect(fromOfficial(official)).toBe(ours);
    expect(toOfficial(ours)).toBe(official);
  });

  it("drop buffers and refuse whatever else is unknown, all at once", () => {
    const one = float32Tensor([], Float32Array.of(1));
    const buffers = [
      "var.lvl_1L",
      "var.attn_bias_for_masking",
      "vqvae.quantize.ema_vocab_hit_SV",
      "var.blocks.11.attn.zero_k_bias",
    ];
    const file = new Map([...buffers, "var.pos_start"].map((key) => [key, one]));
    expect([...rename(file, { where: "f" }).keys()]).toEqual(["startPosition"]);
    file.set("var.blocks.x.ada_gss", one).set("gpt.head", one);
    expect(() => rename(file, { where: "f.pth" })).toThrow(
      "f.pth: expected the names of the official checkpoint, got var.blocks.x.ada_gss, gpt.head",
    );
  });
});

describe("the settings of a VAR case", () => {
  it("are typed", async () => {
    const settings = officialVarSettings(await golden("var-shared-adaln"));
    expect(settings.tokenizer.patch_nums).toEqual([1, 2, 4]);
    expect(settings.transformer.shared_adaln).toBe(true);
    expect(settings.sampling).toEqual({ batch: 1, cfg: 3, top_k: 1 });
  });

  it("are refused for another system, and with every bad field", async () => {
    const parity = await golden("var-tiny");
    expect(() => officialVarSettings({ ...parity, system: "mar" })).toThrow(
      'case.json: expected system "var", got "mar"',
    );
    const settings = { ...parity.settings, sampling: {}, tokenizer: { ch: 0 } };
    expect(() => officialVarSettings({ ...parity, settings })).toThrow(
      /tokenizer.ch: .*; tokenizer.ch_mult: .*; sampling.top_k: /,
    );
  });
});
