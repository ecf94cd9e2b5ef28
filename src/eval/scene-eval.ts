/**
 * Whether pictures show the shapes that their prompts name: GenEval's rules with a detector of our own
 * (metrics sheet, "GenEval substitute").
 */
import { createHash } from "node:crypto";
import { DataError } from "../errors.ts";
import type { Picture } from "../images/picture.ts";
import { bootstrapInterval } from "../metrics/bootstrap.ts";
import {
  type GenevalScore,
  genevalScore,
  type Judgement,
  judgePrompt,
  type PromptSpec,
  type PromptTag,
} from "../metrics/geneval.ts";
import { findShapes, shapeThresholds } from "../procedural/find-shapes.ts";
import { drawPromptedScene, everyScenePrompt } from "../procedural/prompted-scenes.ts";
import { random } from "../random/random.ts";
import type { Metric, MetricInterval } from "./metric.ts";
import { meanOf } from "./pair-metrics.ts";
import { captionOf, type PictureSet } from "./picture-set.ts";

/** Raised when the detector or the prompts change, because scores of two of them mean other things. */
export const SCENE_DETECTOR = "shapes-by-rule-1";

export interface JudgedScene extends Judgement {
  /** Place in the set. */
  readonly index: number;
  readonly spec: PromptSpec;
}

export interface SceneMeasurement {
  readonly metrics: readonly Metric[];
  readonly judged: readonly JudgedScene[];
  /** SHA-256 over the contents of the pictures in their order. */
  readonly fingerprint: string;
  /** Pictures whose words are no prompt of scenes. */
  readonly leftOut: number;
}

export interface MeasureScenesOptions {
  readonly seed: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

/**
 * @param set pictures whose texts are prompts of `scenePrompts`, or of any other prompted scene.
 * @throws DataError if no text is such a prompt, or for broken pictures; the signal's reason if it
 * aborts.
 */
export async function measureScenes(
  set: PictureSet,
  { seed, signal, onProgress }: MeasureScenesOptions,
): Promise<SceneMeasurement> {
  const specs = new Map(everyScenePrompt().map((spec) => [spec.prompt, spec]));
  const asked = (set.examples ?? []).map((example) => specs.get(captionOf(example).trim()));
  const indices = asked.flatMap((spec, i) => (spec ? [i] : []));
  if (indices.length === 0) {
    throw new DataError({
      where: set.name,
      expected: 'pictures whose texts are prompts of scenes, such as "a red disc"',
      got: `${set.count} without one`,
      hint: "`ordo scenes` writes such pictures with their texts",
    });
  }
  const judged: JudgedScene[] = [];
  const hash = createHash("sha256");
  let side = 0;
  for await (const stored of set.pictures(indices)) {
    signal?.throwIfAborted();
    const picture = await stored.decode();
    hash.update(stored.hash);
    side = Math.max(side, Math.min(picture.width, picture.height));
    const spec = asked[stored.index]!;
    judged.push({ index: stored.index, spec, ...judgeScene(spec, picture) });
    onProgress?.(judged.length);
  }
  const ceiling = renderedScore([...new Set(judged.map(({ spec }) => spec))], side, seed);
  return {
    metrics: sceneMetrics(judged, ceiling, seed),
    judged,
    fingerprint: hash.digest("hex"),
    leftOut: set.count - judged.length,
  };
}

export function judgeScene(spec: PromptSpec, picture: Picture): Judgement {
  return judgePrompt(spec, findShapes(picture), shapeThresholds);
}

/** What the detector says of scenes that show each prompt, because they were drawn from it. */
function renderedScore(specs: readonly PromptSpec[], side: number, seed: number): GenevalScore {
  return genevalScore(
    specs.map((spec) => {
      const picture = drawPromptedScene(spec, side, random(seed, "ceiling", spec.prompt));
      const { tag, prompt } = spec;
      return { tag, prompt, right: judgeScene(spec, picture).right };
    }),
  );
}

function sceneMetrics(
  judged: readonly JudgedScene[],
  ceiling: GenevalScore,
  seed: number,
): Metric[] {
  const score = genevalScore(
    judged.map(({ spec: { tag, prompt }, right }) => ({ tag, prompt, right })),
  );
  const tags = [...score.byTag.keys()];
  const byPrompt = tags.map((tag) => countsByPrompt(judged.filter(({ spec }) => spec.tag === tag)));
  const words = "scenes drawn by rule from the same prompts, one each";
  const name = `SceneEval[${SCENE_DETECTOR}]`;
  const metric = (
    id: string,
    rest: Pick<Metric, "name" | "value" | "count"> & Partial<Metric>,
  ) => ({
    id,
    better: "higher" as const,
    ...rest,
  });
  return [
    metric("scene-eval", {
      name,
      value: score.overall,
      interval: meanInterval(byPrompt, seed),
      count: judged.length,
      floor: { value: ceiling.overall, words },
      note: "mean over the kinds of prompts of the share of right pictures",
    }),
    ...tags.map((tag, i) => {
      const { share, pictures } = score.byTag.get(tag)!;
      return metric(`scene-${tag}`, {
        name: `${tag} ${name}`,
        value: share,
        interval: meanInterval([byPrompt[i]!], seed),
        count: pictures,
        floor: { value: ceiling.byTag.get(tag)!.share, words },
        note: noteOf(tag),
      });
    }),
    metric("scene-prompts", {
      name: `prompts with a right picture ${name}`,
      value: score.promptsRight,
      count: new Set(judged.map(({ spec }) => spec.prompt)).size,
      note: "any of a prompt's pictures: not the score",
    }),
  ];
}

interface PromptCounts {
  readonly pictures: number;
  readonly right: number;
}

/** Of each prompt by itself: its pictures stay together when pictures are resampled. */
function countsByPrompt(judged: readonly JudgedScene[]): PromptCounts[] {
  const counts = new Map<string, PromptCounts>();
  for (const { spec, right } of judged) {
    const before = counts.get(spec.prompt) ?? { pictures: 0, right: 0 };
    counts.set(spec.prompt, {
      pictures: before.pictures + 1,
      right: before.right + Number(right),
    });
  }
  return [...counts.values()];
}

/** Of the mean over kinds of the share of right pictures. */
function meanInterval(kinds: readonly (readonly PromptCounts[])[], seed: number): MetricInterval {
  const share = (prompts: readonly PromptCounts[], rows: Int32Array) => {
    let [pictures, right] = [0, 0];
    for (const row of rows) {
      pictures += prompts[row]!.pictures;
      right += prompts[row]!.right;
    }
    return right / pictures;
  };
  const { low, high, confidence, resamples } = bootstrapInterval(
    kinds.map(({ length }) => length),
    (rows) => meanOf(rows.map((own, kind) => share(kinds[kind]!, own))),
    { seed },
  );
  const method = `bootstrap, ${resamples} resamples of the prompts`;
  return { low, high, confidence, method };
}

function noteOf(tag: PromptTag): string {
  const notes: Readonly<Record<PromptTag, string>> = {
    single_object: "one shape is there",
    two_object: "two shapes are there",
    counting: "neither more nor fewer than asked for",
    colors: "one shape in its colour",
    position: "one shape on the right side of another",
    color_attr: "two shapes, each in its own colour",
  };
  return notes[tag];
}
