import { basename, extname } from "node:path";
import type { Model } from "../../systems/model.ts";
import { type Command, defineCommand, type Option } from "../command.ts";
import { type Length, type LengthRect, length, lengthRect } from "../lengths.ts";
import * as shared from "../options.ts";
import { type Asked, requestOf, warnOfUnknown } from "../requests.ts";
import { samplingSettings } from "../sampling-settings.ts";
import { text } from "../schemas.ts";
import { seedsOf } from "../seeds.ts";
import { UsageError } from "../usage-error.ts";
import { withModel } from "../with-model.ts";

const mask: Option<string | undefined> = {
  flags: "--mask <picture>",
  summary: "white or transparent parts are drawn anew, black ones stay",
  schema: text("a picture").optional(),
};

const maskRect: Option<LengthRect | undefined> = {
  flags: "--mask-rect <x,y,w,h>",
  summary: "draw a rectangle anew: pixels of the picture, or percent",
  schema: lengthRect().optional(),
};

const outpaint: Option<Length | undefined> = {
  flags: "--outpaint <border>",
  summary: "shrink the picture and draw around it: pixels of the result, or percent",
  schema: length().optional(),
};

/** In-painting and out-painting by keeping tokens. */
export const edit: Command = defineCommand({
  name: "edit",
  summary: "Draws parts of a picture anew, or what lies around it.",
  examples: [
    'ordo edit photo.png --mask mask.png "rocket" -o out/',
    "ordo edit photo.png --mask-rect 25%,25%,50%,50% -n 4",
    "ordo edit photo.png --outpaint 12% -o wider.png",
  ],
  arguments: {
    image: { summary: "the picture, of any size", schema: text("a picture") },
    prompt: {
      summary: "what to draw; without it, what fits the rest",
      schema: text("a prompt").optional(),
    },
  },
  options: {
    mask,
    maskRect,
    outpaint,
    model: shared.model,
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
    device: shared.device,
    weights: shared.weights,
    precision: shared.precision,
    format: shared.format,
    metadata: shared.metadata,
    force: shared.force,
  },
  async run(context, values) {
    const { terminal, signal } = context;
    const action = actionOf(values);
    const asked = askedFor(values);
    const seeds = seedsOf(values.seed, values.count);
    const { batchResult, batchWords, drawBatch } = await import("../draw-batch.ts");
    const { planEdit } = await import("../edit-plan.ts");
    return withModel(values, terminal, async (model) => {
      const request = asked ? requestOf(model, asked) : null;
      warnOfUnknown(model, [request], terminal);
      const plan = await planEdit(values.image, values, model.tokenizer, terminal);
      const stem = basename(values.image, extname(values.image));
      const named = values.output?.includes("{prompt}") && asked ? asked.text : `${stem} edited`;
      const settings = { ...samplingSettings(values), mask: plan.mask, signal };
      const jobs = seeds.map((seed) => ({
        facts: { prompt: named, seed, model: model.facts.name },
        draw: async (onStep: Parameters<Model["draw"]>[2]) => {
          const drawing = await model.edit(plan.picture, request, { ...settings, seed }, onStep);
          const history = [{ action: "edit", settings: { part: action } }];
          return { ...drawing, recipe: { ...drawing.recipe, history } };
        },
      }));
      const steps = model.composition.order.steps.length;
      const batch = await drawBatch(context, jobs, { ...values, steps });
      terminal.note(batchWords(batch, steps, seeds[0]!));
      return batchResult(batch, model, seeds[0]!);
    });
  },
});

type Given = Readonly<Record<"mask" | "maskRect" | "outpaint", unknown>>;

/** Which of the three ways was chosen. @throws UsageError unless it is one. */
function actionOf({ mask, maskRect, outpaint }: Given): string {
  const chosen = Object.entries({ mask, "mask-rect": maskRect, outpaint })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  if (chosen.length === 1) return chosen[0]!;
  const got = chosen.map((name) => `--${name}`).join(" and ") || "none";
  throw new UsageError(
    [`edit: expected one of --mask, --mask-rect and --outpaint, got ${got}`],
    "ordo edit --help",
  );
}

function askedFor(given: {
  readonly prompt?: string | undefined;
  readonly class?: string | undefined;
}): Asked | undefined {
  if (given.class !== undefined) return { kind: "class", text: given.class };
  return given.prompt === undefined ? undefined : { kind: "prompt", text: given.prompt };
}
