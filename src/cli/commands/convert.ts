import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { OfficialModel } from "../../conversion/open-parts.ts";
import type { SaidSizes } from "../../conversion/release.ts";
import { type Command, defineCommand, type Option } from "../command.ts";
import * as shared from "../options.ts";
import type { Progress } from "../progress.ts";
import { choice, integer, list, reading, text } from "../schemas.ts";
import { UsageError } from "../usage-error.ts";
import { shortCount } from "../with-model.ts";

const storages = ["fp32", "fp16"] as const;

const output: Option<string> = {
  flags: "-o, --output <folder>",
  summary: "the model folder to write",
  schema: text("a folder to write"),
};

const heads: Option<number | undefined> = {
  flags: "--heads <number>",
  summary: "attention heads, where neither the files nor published sizes tell them",
  schema: integer({ from: 1, to: 1024 }).optional(),
};

const size: Option<number | undefined> = {
  flags: "--size <pixels>",
  summary: "pixels per side of the pictures, where the files do not tell them",
  schema: integer({ from: 1, to: 8192 }).optional(),
};

const weights: Option<(typeof storages)[number]> = {
  flags: "--weights <format>",
  summary: "number format of the transformer: fp32 or fp16; the tokenizer stays fp32",
  schema: choice(storages).default("fp32"),
  suggest: () => storages,
};

const key: Option<string | undefined> = {
  flags: "--key <name>",
  summary: "which dict of a training file: ema, trainer.var_wo_ddp; `ordo info` lists them",
  schema: text("a dict of the file").optional(),
};

const scales: Option<number[] | undefined> = {
  flags: "--scales <sides>",
  summary: "sides of the token maps, where the files do not tell them: 1,2,3,4",
  schema: reading("sides such as 1,2,3,4", (given) => {
    const sides = given.split(",").map((side) => (/^[1-9]\d{0,3}$/.test(side) ? Number(side) : 0));
    return sides.includes(0) ? undefined : sides;
  }).optional(),
};

/** Official checkpoints in; tensors are copied one by one, so memory stays small. */
export const convert: Command = defineCommand({
  name: "convert",
  summary: "Makes a model folder of official checkpoints (.pth, .safetensors).",
  examples: [
    "ordo convert var_d16.pth vae_ch160v4096z32.pth -o var-d16",
    "ordo convert var_d30.pth vae_ch160v4096z32.pth -o var-d30 --weights fp16",
    "ordo convert ar-ckpt-last.pth -o my-var",
    "ordo convert c2i_B_256.pt vq_ds16_c2i.pt -o llamagen-b",
    "ordo convert checkpoint-last.pth kl16.ckpt -o mar-b",
  ],
  arguments: {
    files: {
      summary: "the transformer's and the tokenizer's file, in any order",
      schema: list(text("a checkpoint"), "checkpoints", 1),
      many: true,
    },
  },
  options: { output, weights, key, scales, heads, size, force: shared.force },
  async run({ terminal, signal }, values) {
    const { files, output: folder, force } = values;
    if (!force && existsSync(join(folder, "config.json"))) {
      throw new UsageError(
        [`--output: expected a new folder, got ${folder}, which holds a model`],
        "Choose another one, or overwrite it with --force.",
      );
    }
    const { openOfficialModel } = await import("../../conversion/open-parts.ts");
    const { convertModel } = await import("../../conversion/convert-model.ts");
    const model = await openOfficialModel(files, values.key);
    let bar: Progress | undefined;
    try {
      requireAsked(model, values);
      const made = await convertModel(model, {
        folder,
        storage: values.weights === "fp16" ? "float16" : "float32",
        said: values,
        onRead: (done, total) => {
          signal.throwIfAborted();
          bar ??= terminal.progress({ label: "converting", total, unit: "tensors" });
          bar.update(done);
        },
      });
      const names = model.files.transformer ? ["model", "tokenizer"] : ["model"];
      const written = await Promise.all(
        names.map(async (name) => {
          const path = join(folder, `${name}.safetensors`);
          return { path, bytes: (await stat(path)).size };
        }),
      );
      const title = made.preset ? `${made.system} ${made.preset}` : made.system;
      return {
        data: { folder, ...made, weights: values.weights, files: written },
        text: `${folder}: ${title}, ${shortCount(made.parameters)} parameters`,
      };
    } finally {
      bar?.stop();
      await model.close();
    }
  },
});

/** @throws UsageError for sizes that the files' system does not leave open. */
function requireAsked(
  { release: { asks, system } }: OfficialModel,
  { scales, heads, size }: SaidSizes,
): void {
  const said = Object.entries({ scales, heads, size }).filter(([, value]) => value !== undefined);
  const idle = said.filter(([name]) => !asks.some((one) => one === name));
  if (idle.length === 0) return;
  throw new UsageError(
    idle.map(([name]) => `--${name}: means nothing to files of ${system}`),
    `These may be needed: ${asks.map((name) => `--${name}`).join(", ")}.`,
  );
}
