import { type Precision, precisions } from "../../runtime/precision.ts";
import type { Model } from "../../systems/model.ts";
import { type WeightFormat, weightFormats } from "../../systems/weight-format.ts";
import { type Command, type CommandContext, defineCommand, type Option } from "../command.ts";
import * as shared from "../options.ts";
import { promptLines } from "../prompt-lines.ts";
import { type Replay, readReplay } from "../replay.ts";
import { type Asked, requestOf, warnOfUnknown } from "../requests.ts";
import { samplingSettings } from "../sampling-settings.ts";
import { choice, list, text } from "../schemas.ts";
import { seedsOf } from "../seeds.ts";
import { shellWord } from "../shell-word.ts";
import { requireSize } from "../size.ts";
import { UsageError } from "../usage-error.ts";
import { withModel } from "../with-model.ts";

/** The shared option without its default, which a recipe may replace. */
const model: Option<string | undefined> = {
  ...shared.model,
  summary: `${shared.model.summary}; ${shared.defaultModel} if no recipe says otherwise`,
  schema: text("a shipped name or a model folder").optional(),
};

/** The same. */
const weights: Option<WeightFormat | undefined> = {
  ...shared.weights,
  schema: choice(weightFormats).optional(),
};

/** The same. */
const precision: Option<Precision | undefined> = {
  ...shared.precision,
  schema: choice(precisions).optional(),
};

const from: Option<string | undefined> = {
  flags: "--from <picture>",
  summary: "follow the recipe inside a picture; other flags win over it",
  schema: text("a picture").optional(),
};

/** Pictures from words or classes. */
export const generate: Command = defineCommand({
  name: "generate",
  summary: "Draws pictures from words or classes.",
  examples: [
    'ordo generate "red apple" -n 4 --seed 7 -o out/',
    "ordo generate rocket pizza --frames",
    "ordo generate --from out/rocket-7.png --guidance 3",
    "ordo generate - -o out/ < prompts.txt",
    "ordo generate --class 3 -m runs/my-model/model",
  ],
  arguments: {
    prompts: {
      summary: "what to draw, each in quotes; - reads lines from stdin",
      schema: list(text("a prompt"), "prompts"),
      many: true,
    },
  },
  options: {
    model,
    count: shared.count,
    seed: shared.seed,
    output: shared.output,
    frames: shared.frames,
    guidance: shared.guidance,
    topK: shared.topK,
    topP: shared.topP,
    temperature: shared.temperature,
    smooth: shared.smooth,
    class: shared.classOption,
    size: shared.sizeOption,
    from,
    device: shared.device,
    weights,
    precision,
    format: shared.format,
    metadata: shared.metadata,
    force: shared.force,
  },
  async run(context, values) {
    const { terminal, signal } = context;
    const { batchResult, batchWords, drawBatch, filesOf } = await import("../draw-batch.ts");
    const replay = values.from === undefined ? undefined : await readReplay(values.from);
    const asked = await askedFor(context, values, replay);
    const seeds = seedsOf(values.seed ?? replay?.seed, values.count);
    const name = values.model ?? replay?.model ?? shared.defaultModel;
    const format = values.weights ?? replay?.weights ?? "fp32";
    const precision = values.precision ?? replay?.precision ?? "fp32";
    const chosen = { model: name, device: values.device, weights: format, precision };
    return withModel(chosen, terminal, async (model) => {
      const own = [
        ...(name === shared.defaultModel ? [] : [`-m ${shellWord(name)}`]),
        ...(format === "fp32" ? [] : [`--weights ${format}`]),
        ...(precision === "fp32" ? [] : [`--precision ${precision}`]),
      ];
      const words = ["ordo generate", ...asked.map(asWords), ...own].join(" ");
      if (values.size) requireSize(model.tokenizer, values.size, words);
      const requests = asked.map((one) => requestOf(model, one));
      warnOfUnknown(model, requests, terminal);
      await warnOfOtherWeights(model, replay, context);
      const settings = samplingSettings(values, replay);
      const jobs = requests.flatMap((request, i) =>
        seeds.map((seed) => ({
          facts: { prompt: fileWords(asked[i]!), seed, model: model.facts.name },
          draw: (onStep: Parameters<Model["draw"]>[2]) =>
            model.draw(request, { ...settings, seed, signal }, onStep),
        })),
      );
      const steps = model.composition.order.steps.length;
      const batch = await drawBatch(context, jobs, { ...values, steps });
      terminal.note(batchWords(batch, steps, seeds[0]!));
      if (!batch.stopped) {
        const again = `${words} --seed ${seeds[0]} --frames`;
        const [first] = filesOf(batch);
        terminal.note(`Next: ${values.frames ? `ordo info ${shellWord(first!)}` : again}`);
      }
      return batchResult(batch, model, seeds[0]!);
    });
  },
});

interface Given {
  readonly prompts: readonly string[];
  readonly class?: string | undefined;
}

/** Words and classes of the command line, or else of the recipe. */
async function askedFor(
  { stdin }: CommandContext,
  given: Given,
  replay: Replay | undefined,
): Promise<Asked[]> {
  const prompts = await promptLines(given.prompts, stdin);
  const asked: Asked[] = [
    ...prompts.map((text): Asked => ({ kind: "prompt", text })),
    ...(given.class === undefined ? [] : [{ kind: "class", text: given.class } as const]),
  ];
  if (asked.length > 0) return asked;
  if (replay?.asked) return [replay.asked];
  const expected = "prompt: expected what to draw (or --class, or --from), got nothing";
  throw new UsageError([expected], "ordo generate --help");
}

function asWords({ kind, text }: Asked): string {
  return kind === "class" ? `--class ${shellWord(text)}` : shellWord(text);
}

function fileWords({ kind, text }: Asked): string {
  return kind === "class" && /^\d+$/.test(text) ? `class-${text}` : text;
}

async function warnOfOtherWeights(
  { facts }: Model,
  replay: Replay | undefined,
  { terminal }: CommandContext,
): Promise<void> {
  const { weightHash } = replay ?? {};
  if (weightHash === undefined || weightHash === (await facts.weightHash)) return;
  terminal.warn(
    `${facts.name} has other weights now than when the picture was made: it will not be the same`,
  );
}
