/**
 * GenEval: whether a picture shows the objects that its prompt names, in number, colour and place, from
 * the boxes of a detector (metrics sheet, "GenEval"). Prompts are those of its `evaluation_metadata.jsonl`.
 */

export const promptTags = [
  "single_object",
  "two_object",
  "counting",
  "colors",
  "position",
  "color_attr",
] as const;

export type PromptTag = (typeof promptTags)[number];

export const boxRelations = ["left of", "right of", "above", "below"] as const;

export type BoxRelation = (typeof boxRelations)[number];

/** Objects that have to be there. */
export interface IncludeClause {
  readonly class: string;
  readonly count: number;
  readonly color?: string;
  /** Where they are, seen from those of an earlier clause, by its place in the list. */
  readonly position?: readonly [relation: BoxRelation, clause: number];
}

/** So many objects are too many. */
export interface ExcludeClause {
  readonly class: string;
  readonly count: number;
}

/** A prompt with what it promises. */
export interface PromptSpec {
  readonly tag: PromptTag;
  readonly prompt: string;
  readonly include: readonly IncludeClause[];
  readonly exclude?: readonly ExcludeClause[];
}

/** Edges of an object, in pixels or any other unit. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** An object that a detector has found. */
export interface Detection {
  readonly class: string;
  readonly color: string;
  /** 0 … 1. */
  readonly score: number;
  readonly box: Box;
}

export interface DetectionThresholds {
  /** Objects count above it. */
  readonly score: number;
  /** The same for prompts that count. */
  readonly countingScore: number;
  /** Most objects of a class. */
  readonly most: number;
}

/** Of the published detector. */
export const genevalThresholds: DetectionThresholds = { score: 0.3, countingScore: 0.9, most: 16 };

export interface Judgement {
  readonly right: boolean;
  /** Why not; empty where it is right. */
  readonly reasons: readonly string[];
}

/** Judges one picture by what was found in it. */
export function judgePrompt(
  { tag, include, exclude = [] }: PromptSpec,
  detections: readonly Detection[],
  { score, countingScore, most }: DetectionThresholds = genevalThresholds,
): Judgement {
  const least = tag === "counting" ? countingScore : score;
  const sure = detections.filter((one) => one.score > least).sort((a, b) => b.score - a.score);
  const ofClass = (name: string) => sure.filter((one) => one.class === name).slice(0, most);
  const reasons: string[] = [];
  const groups: (readonly Detection[] | null)[] = [];
  for (const clause of include) {
    const found = ofClass(clause.class).slice(0, clause.count);
    const reason = problemOf(clause, found, groups);
    if (reason !== null) reasons.push(reason);
    groups.push(reason === null ? found : null);
  }
  for (const { class: name, count } of exclude) {
    const found = ofClass(name).length;
    if (found >= count) reasons.push(`expected fewer than ${count} of ${name}, found ${found}`);
  }
  return { right: reasons.length === 0, reasons };
}

function problemOf(
  { class: name, count, color, position }: IncludeClause,
  found: readonly Detection[],
  groups: readonly (readonly Detection[] | null)[],
): string | null {
  if (found.length < count) return `expected ${count} of ${name}, found ${found.length}`;
  if (color !== undefined) {
    const right = found.filter((one) => one.color === color).length;
    if (right < count) {
      const colors = found.map((one) => one.color).join(", ");
      return `expected ${count} of ${name} in ${color}, found ${colors}`;
    }
  }
  if (position === undefined) return null;
  const [relation, clause] = position;
  const targets = groups[clause];
  if (!targets) return `no target for ${name} to be ${relation}`;
  const placed = found.every((one) =>
    targets.every((target) => relationsOf(one.box, target.box).has(relation)),
  );
  return placed ? null : `expected ${name} ${relation} ${targets[0]!.class}`;
}

/** Share of both sizes by which an offset has to exceed nothing. */
const TOUCHING = 0.1;
const NOTHING = 1e-3;
/** Of the way between the middles, along one axis. */
const CLEARLY = 0.5;

/** Where `a` lies, seen from `b`; nowhere if their middles are close for their sizes. */
export function relationsOf(a: Box, b: Box): ReadonlySet<BoxRelation> {
  const offset = [
    (a.left + a.right - b.left - b.right) / 2,
    (a.top + a.bottom - b.top - b.bottom) / 2,
  ] as const;
  const sizes = [a.right - a.left + b.right - b.left, a.bottom - a.top + b.bottom - b.top] as const;
  const rest = offset.map(
    (along, axis) => Math.sign(along) * Math.max(Math.abs(along) - TOUCHING * sizes[axis]!, 0),
  );
  if (rest.every((along) => Math.abs(along) < NOTHING)) return new Set();
  const length = Math.hypot(...offset);
  const [x, y] = [rest[0]! / length, rest[1]! / length];
  const holds: Readonly<Record<BoxRelation, boolean>> = {
    "left of": x < -CLEARLY,
    "right of": x > CLEARLY,
    above: y < -CLEARLY,
    below: y > CLEARLY,
  };
  return new Set(boxRelations.filter((relation) => holds[relation]));
}

/** One picture of one prompt. */
export interface JudgedPicture {
  readonly tag: PromptTag;
  readonly prompt: string;
  readonly right: boolean;
}

export interface GenevalScore {
  /** Share of the pictures of each tag that are right, of the tags that there are. */
  readonly byTag: ReadonlyMap<PromptTag, { readonly share: number; readonly pictures: number }>;
  /** Unweighted mean of the tags. */
  readonly overall: number;
  /** Share of the prompts of which any picture is right: not the score. */
  readonly promptsRight: number;
}

export function genevalScore(pictures: readonly JudgedPicture[]): GenevalScore {
  const byTag = new Map(
    promptTags.flatMap((tag) => {
      const own = pictures.filter((one) => one.tag === tag);
      return own.length > 0 ? [[tag, { share: shareRight(own), pictures: own.length }]] : [];
    }),
  );
  const prompts = new Map<string, boolean>();
  for (const { prompt, right } of pictures) {
    prompts.set(prompt, right || (prompts.get(prompt) ?? false));
  }
  const shares = [...byTag.values()].map(({ share }) => share);
  return {
    byTag,
    overall: shares.reduce((sum, share) => sum + share, 0) / shares.length,
    promptsRight: [...prompts.values()].filter(Boolean).length / prompts.size,
  };
}

function shareRight(pictures: readonly JudgedPicture[]): number {
  return pictures.filter(({ right }) => right).length / pictures.length;
}
