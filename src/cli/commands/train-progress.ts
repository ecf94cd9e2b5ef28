/** What `ordo train` says on stderr while it runs. */
import { join } from "node:path";
import type { TrainingFacts, TrainOptions } from "../../recipes/index.ts";
import type { TrainingRecipe } from "../../recipes/recipe.ts";
import type { RunProgress } from "../../training/loop.ts";
import type { TrainingPlan } from "../../training/plan.ts";
import type { Progress } from "../progress.ts";
import type { Terminal } from "../terminal.ts";

export interface TrainingProgress {
  readonly listeners: Pick<TrainOptions, "onDecode" | "onStart" | "onStep" | "onNote">;
  stop(): void;
}

/** Steps over which the rate is averaged. */
const RATE_STEPS = 20;
/** Files that cannot be used, by name. */
const NAMED = 3;

export function trainingProgress(
  terminal: Terminal,
  recipe: TrainingRecipe,
  { out, device }: { readonly out?: string | undefined; readonly device: string },
): TrainingProgress {
  let decoding: Progress | undefined;
  let bar: Progress | undefined;
  let pictures = 0;
  let previewEvery = 1;
  const seconds: number[] = [];
  return {
    listeners: {
      onDecode: (done, total) => {
        decoding ??= terminal.progress({ label: "decoding", total, unit: "pictures" });
        decoding.update(done);
        if (done === total) decoding.stop();
      },
      onStart: (facts) => {
        pictures = facts.plan.batchSize * facts.plan.accumulation;
        ({ previewEvery } = facts.plan);
        startLines(recipe, facts, device).forEach(terminal.note);
        if (facts.skipped.length > 0) terminal.warn(skippedWords(facts.skipped));
        terminal.note(`previews, losses and checkpoints go to ${out}`);
      },
      onStep: (step) => {
        seconds.push(step.seconds);
        if (seconds.length > RATE_STEPS) seconds.shift();
        const rate = (pictures * seconds.length) / seconds.reduce((sum, value) => sum + value, 0);
        bar ??= terminal.progress({
          label: recipe.name,
          total: step.steps,
          from: step.step - 1,
          unit: "steps",
        });
        bar.update(step.step, stepNote(step, rate, process.memoryUsage.rss()));
        if (step.step < step.steps) {
          if (step.step % previewEvery === 0) terminal.note(previewWords(step, out));
          return;
        }
        bar.stop();
        bar = undefined;
        terminal.note("drawing samples and saving the model");
      },
      onNote: terminal.note,
    },
    stop: () => {
      decoding?.stop();
      bar?.stop();
    },
  };
}

/** "loss 3.214 · 11 pictures/s · 0.8 GB · maps 2.1 2.9 3.3". */
export function stepNote(
  { loss, numbers }: Pick<RunProgress, "loss" | "numbers">,
  picturesPerSecond: number,
  bytes: number,
): string {
  return [
    `loss ${loss.toFixed(3)}`,
    `${picturesPerSecond.toPrecision(2)} pictures/s`,
    `${(bytes / 2 ** 30).toFixed(1)} GB`,
    ...otherNumbers(numbers, 1),
  ].join(" · ");
}

/** "step 250: loss 3.214, maps 2.10 2.92 3.31; see runs/model/preview-250.png". */
export function previewWords(
  { step, loss, numbers }: Pick<RunProgress, "step" | "loss" | "numbers">,
  out = ".",
): string {
  const all = [`loss ${loss.toFixed(3)}`, ...otherNumbers(numbers, 2)].join(", ");
  return `step ${step}: ${all}; see ${join(out, `preview-${step}.png`)}`;
}

/** Losses of parts of the tokens, by how their numbers begin, and what they are called together. */
const partsOfTokens = { scale: "maps", quarter: "quarters" } as const;

/** The losses of the parts of the tokens as one figure, all other numbers as one each. */
function otherNumbers(numbers: RunProgress["numbers"], digits: number): string[] {
  const others = Object.entries(numbers).filter(([name]) => name !== "loss");
  const isPart = (name: string, stem: string) => new RegExp(`^${stem}\\d+$`).test(name);
  const parts = Object.entries(partsOfTokens).flatMap(([stem, words]) => {
    const own = others.filter(([name]) => isPart(name, stem));
    return own.length > 0 ? [`${words} ${own.map(([, x]) => x.toFixed(digits)).join(" ")}`] : [];
  });
  const single = others.filter(
    ([name]) => !Object.keys(partsOfTokens).some((stem) => isPart(name, stem)),
  );
  return [...parts, ...single.map(([name, value]) => `${name} ${value.toPrecision(3)}`)];
}

function startLines(
  recipe: TrainingRecipe,
  { pictures, parameters, plan }: TrainingFacts,
  device: string,
): string[] {
  const millions = (parameters / 1e6).toPrecision(2);
  return [
    `${recipe.name}: ${pictures} pictures, ${millions} M parameters, ` +
      `${plan.steps} steps of ${plan.batchSize * plan.accumulation} on ${device}`,
    ...stretchedWords(recipe.plan, plan),
  ];
}

/** What another number of steps does to the schedule. */
export function stretchedWords(before: TrainingPlan, { steps, schedule }: TrainingPlan): string[] {
  if (steps === before.steps) return [];
  const { warmup, name } = schedule;
  const fall = name === "constant" ? [] : ["the fall of the learning rate stretches over them"];
  const rise =
    "share" in warmup
      ? "the warm-up is the same share of them"
      : `the warm-up takes ${warmup.steps} as before`;
  return [`${steps} steps instead of ${before.steps}: ${[...fall, rise].join(", ")}`];
}

/** "2 files cannot be used: a.png (text), b.png (a damaged one)". */
export function skippedWords(skipped: TrainingFacts["skipped"]): string {
  const named = skipped.slice(0, NAMED).map(({ file, reason }) => `${file} (${brief(reason)})`);
  const more = skipped.length - named.length;
  const count = skipped.length === 1 ? "1 file" : `${skipped.length} files`;
  return `${count} cannot be used: ${named.join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
}

/** Without what the decoder's library says in brackets. */
function brief(reason: string): string {
  return reason.replace(/\s*\(.*$/s, "");
}
