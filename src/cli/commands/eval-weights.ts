import type { FormatRow, WeightsReport } from "../../systems/eval-weights.ts";
import { type WeightFormat, weightFormats } from "../../systems/weight-format.ts";
import { type Command, defineCommand, type Option } from "../command.ts";
import { drawableModels } from "../folders.ts";
import * as shared from "../options.ts";
import { integer, reading, text } from "../schemas.ts";
import { table } from "../table.ts";
import { withDevice } from "../with-device.ts";

const small = weightFormats.filter((format) => format !== "fp32");

const formats: Option<readonly WeightFormat[]> = {
  flags: "--weights <formats>",
  summary: `number formats to compare with fp32, with commas between: ${small.join(",")}`,
  schema: reading(`formats out of ${small.join(", ")}`, (given) => {
    const words = given.split(",").map((word) => word.trim());
    const found = words.flatMap((word) => weightFormats.find((format) => format === word) ?? []);
    return found.length === words.length ? found : undefined;
  }).default(small),
  suggest: () => small,
};

const pictures: Option<number> = {
  flags: "-n, --count <number>",
  summary: "pictures to draw and to predict",
  schema: integer({ from: 1, to: 1000 }).default(4),
};

/** What `--weights` of `generate` costs and gives. */
export const evalWeights: Command = defineCommand({
  name: "eval-weights",
  summary: "Tells what smaller number formats change: logits, tokens, bytes and time.",
  examples: [
    "ordo eval-weights emoji-var",
    "ordo eval-weights emoji-var --weights int8,int4 -n 16 --json",
    "ordo eval-weights emoji-var --weights fp16 --precision fp16",
  ],
  arguments: {
    model: {
      summary: "a shipped name or a model folder",
      schema: text("a model").default(shared.defaultModel),
      suggest: drawableModels,
    },
  },
  options: {
    weights: formats,
    count: pictures,
    seed: shared.seed,
    device: shared.device,
    precision: { ...shared.precision, summary: "what all but the first row is computed in" },
  },
  async run({ terminal, signal }, { model, weights, count, seed = 1, device: name, precision }) {
    const { evalWeights: evaluate, passesOf } = await import("../../systems/eval-weights.ts");
    const bar = terminal.progress({
      label: model,
      total: passesOf({ formats: weights, precision }),
      unit: "passes",
    });
    const report = await withDevice(name, terminal, (device) =>
      evaluate(device, model, {
        formats: weights,
        precision,
        pictures: count,
        seed,
        onPass: (done, format) => bar.update(done, format),
        signal,
      }),
    ).finally(() => bar.stop());
    return { data: report, text: inWords(report) };
  },
});

function inWords({ model, device, pictures, seed, formats }: WeightsReport): string {
  const { tokens } = formats[0]!;
  const head = `${model} on ${device}: ${tokens} tokens of ${pictures} pictures, seed ${seed}`;
  const titles = [
    "weights",
    "products",
    "logit error",
    "largest",
    "argmax",
    "draws",
    "MB",
    "ms a picture",
  ];
  return `${head}\n${table(titles, formats.map(cells))}`;
}

function cells(row: FormatRow): string[] {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  return [
    row.weights,
    row.precision,
    row.relativeRms === 0 ? "0" : row.relativeRms.toExponential(1),
    row.largest === 0 ? "0" : row.largest.toExponential(1),
    percent(row.changedArgmax),
    percent(row.changedDraws),
    (row.bytes / 1e6).toFixed(1),
    row.msPerPicture.toFixed(0),
  ];
}
