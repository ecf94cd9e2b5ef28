import { describe, expect, it } from "vitest";
import { officialMarNames } from "./official-mar.ts";
import { officialMarSettings } from "./official-mar-settings.ts";
import { readParityCase } from "./parity-case.ts";

const golden = (name: string) =>
  readParityCase(new URL(`../../test/golden/${name}`, import.meta.url).pathname);
const { fromOfficial, toOfficial } = officialMarNames;

describe("the names of official MAR checkpoints", () => {
  it.each(["mar-tiny", "mar-nocfg"])("map one to one onto ours, for all of %s", async (name) => {
    const keys = (await golden(name)).weights.map(({ key }) => key);
    const ours = keys.map((key) => fromOfficial(key));
    expect(ours.filter((path, i) => path === null || toOfficial(path) !== keys[i])).toEqual([]);
    expect(new Set(ours).size).toBe(keys.length);
  });

  it.each([
    ["mar.fake_latent", "condition.noClass"],
    ["mar.decoder_blocks.19.mlp.fc2.weight", "decoder.blocks.19.mlp.fc2.weight"],
    ["mar.encoder_norm.bias", "encoder.norm.bias"],
    ["mar.diffloss.net.cond_embed.weight", "head.condition.weight"],
    ["mar.diffloss.net.res_blocks.11.mlp.2.bias", "head.blocks.11.fc2.bias"],
    [
      "vae.encoder.down.4.attn.1.q.weight",
      "tokenizer.encoder.levels.4.attentions.1.qkv.query.weight",
    ],
    ["vae.decoder.mid.attn_1.proj_out.bias", "tokenizer.decoder.middle.attention.projection.bias"],
    [
      "vae.encoder.down.2.block.0.nin_shortcut.weight",
      "tokenizer.encoder.levels.2.blocks.0.shortcut.weight",
    ],
    ["vae.decoder.up.1.upsample.conv.bias", "tokenizer.decoder.levels.1.upsample.bias"],
    ["vae.quant_conv.weight", "tokenizer.quantConv.weight"],
  ])("call %s %s", (official, ours) => {
    expect(fromOfficial(official)).toBe(ours);
    expect(toOfficial(ours)).toBe(official);
  });
});

describe("the settings of a MAR case", () => {
  it("are typed, the number of diffusion steps as a number", async () => {
    const { model, sampling } = officialMarSettings(await golden("mar-nocfg"));
    expect([model.num_sampling_steps, model.patch_size]).toEqual([25, 2]);
    expect(sampling.cfg_schedule).toBe("constant");
  });

  it("are refused with every bad field", async () => {
    const parity = await golden("mar-tiny");
    const settings = { ...parity.settings, sampling: { batch: 0 } };
    expect(() => officialMarSettings({ ...parity, settings })).toThrow(
      /sampling.batch: .*; sampling.num_iter: .*; sampling.cfg: /,
    );
  });
});
