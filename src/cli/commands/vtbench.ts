import { type Command, type CommandContext, defineCommand } from "../command.ts";
import { pictureFiles } from "../picture-files.ts";
import { withDevice } from "../with-device.ts";
import { type BenchValues, benchOptions } from "./vtbench-options.ts";

const DEFAULT_SEED = 1;

/** How much of pictures tokenizers keep, beside codecs of equal bits. */
export const vtbench: Command = defineCommand({
  name: "vtbench",
  summary: "Ranks tokenizers by what they keep of pictures, of fine detail and of text.",
  examples: [
    "ordo vtbench --quick",
    "ordo vtbench --tokenizers emoji-var,runs/my-tokenizer/model -o bench/",
    "ordo vtbench --tasks text --json",
    "ordo vtbench --data photos/ --tasks reconstruction -o bench/",
  ],
  arguments: {},
  options: benchOptions,
  async run(context, values) {
    const { rankedTable, writeOutputs } = await import("./vtbench-outputs.ts");
    const { result, sheets } = await bench(context, values);
    for (const warning of result.warnings) context.terminal.warn(warning);
    const files = values.output
      ? await writeOutputs(result, sheets, { folder: values.output, force: values.force })
      : {};
    return {
      data: { ...result, files },
      text: [rankedTable(result), ...Object.values(files)].join("\n"),
    };
  },
});

async function bench({ terminal, signal }: CommandContext, values: BenchValues) {
  const { shippedTokenizers, withBenchTools } = await import("./vtbench-tools.ts");
  const { benchCodecs, benchResult, picturesToMeasure, runBench, splitsOf, userSplits } =
    await import("../../vtbench/index.ts");
  const { ordoVersion } = await import("../../version.ts");
  const { hardwareOf } = await import("../../runtime/hardware.ts");
  const { seed = DEFAULT_SEED, tasks, quick } = values;
  const names = values.tokenizers ?? (await shippedTokenizers());
  const splits = values.data
    ? userSplits(await pictureFiles([values.data]), tasks)
    : splitsOf(tasks, seed, quick);
  return withDevice(values.device, terminal, (device) =>
    withBenchTools(device, { ...values, names }, async ({ tokenizers, tesseract, perceptual }) => {
      if (!tesseract) terminal.note("tesseract.js is not installed: text is read by glyphs alone");
      const codecs = benchCodecs(tokenizers);
      const options = { codecs, splits, tesseract, perceptual, official: values.officialQuirks };
      const total = picturesToMeasure(options);
      const bar = terminal.progress({ label: "measuring", total, unit: "pictures" });
      const { scores, sheets } = await runBench({
        ...options,
        signal,
        onProgress: (done, note) => bar.update(done, note),
      }).finally(() => bar.stop());
      const weights = new Map(tokenizers.map(({ codec, hash }) => [codec.name, hash]));
      const facts = { seed, ordo: await ordoVersion(), hardware: hardwareOf(device), weights };
      return { result: benchResult(options, scores, facts), sheets };
    }),
  );
}
