/**
 * The official files of a system: which they are, what they tell of the model's sizes, and how their
 * keys map onto its parameters.
 */
import { isDeepStrictEqual } from "node:util";
import type { ExpectedParameter } from "../checkpoints/match-parameters.ts";
import type { NameMap } from "../checkpoints/name-map.ts";
import { officialSources } from "../checkpoints/official-source.ts";
import type { TensorEntry, TensorFile, TensorSource } from "../checkpoints/tensor-file.ts";
import { CheckpointError } from "../errors.ts";
import { countParameters, type ParameterSpecs } from "../nn/layer.ts";
import { modelParameters, tokenizerSpecs } from "../systems/model-parameters.ts";
import type { Composition, System } from "../systems/system.ts";
import type { TokenizerOptions } from "../tokenizers/tokenizer.ts";
import { tokenizerSchema } from "../tokenizers/tokenizer-schema.ts";

export type PartName = "transformer" | "tokenizer";

/** Pixels per side of the pictures that a tokenizer alone is for, if nothing else is said. */
export const PUBLISHED_SIZE = 256;

/** A dict of tensors that is one part of a model. */
export interface FoundPart {
  readonly file: TensorFile;
  /** Which dict of the file; empty if it has only one. */
  readonly key: string;
}

/** The transformer is absent where a tokenizer stands alone. */
export interface ModelFiles {
  readonly transformer?: FoundPart;
  readonly tokenizer: FoundPart;
}

/** What people say of a model where its files do not. */
export interface SaidSizes {
  /** Sides of the token maps. */
  readonly scales?: readonly number[] | undefined;
  readonly heads?: number | undefined;
  /** Pixels per side of a picture. */
  readonly size?: number | undefined;
}

export interface MatchedModel {
  readonly system: string;
  readonly preset?: string;
  /** Whether it is a tokenizer alone. */
  readonly alone: boolean;
  /** Sizes as model folders hold them. */
  readonly parts: object;
  readonly tokenizer: TokenizerOptions;
  readonly accepts: Composition["conditioning"]["accepts"]["kind"];
  readonly parameters: number;
  /** Under our names: the tokenizer, and the transformer if there is one. */
  readonly sources: readonly TensorSource[];
}

export interface Release {
  readonly system: string;
  /** Files as they are named where they are published, for hints. */
  readonly files: Readonly<Record<PartName, string>>;
  /** Which sizes people may have to say. */
  readonly asks: readonly (keyof SaidSizes)[];
  /** Dicts that the official code takes before others of the same file, by their last names. */
  readonly prefers: readonly string[];
  partOf(entries: readonly TensorEntry[]): PartName | null;
  /**
   * Tells the sizes from the files and holds every key against them; reads no weights.
   *
   * @throws CheckpointError listing every missing, wrong and surplus key of all files.
   */
  match(files: ModelFiles, said: SaidSizes): Promise<MatchedModel>;
}

type SizesWithTokenizer = { readonly tokenizer: TokenizerOptions };

/** What differs from system to system. */
export interface ReleaseRules<Config extends SizesWithTokenizer>
  extends Pick<Release, "files" | "asks" | "prefers" | "partOf"> {
  readonly system: System<Config>;
  /** What the table of names puts in front of each part's keys: `var.`. */
  readonly prefixes: Readonly<Record<PartName, string>>;
  tokenizer(files: ModelFiles, said: SaidSizes): Promise<Config["tokenizer"]>;
  config(
    transformer: TensorFile,
    tokenizer: Config["tokenizer"],
    said: SaidSizes,
  ): Promise<Config> | Config;
  names(tokenizer: Config["tokenizer"]): NameMap;
  /** Sizes without what no file tells and drawing does not need, to compare them by. */
  alike?(config: Config): object;
}

export function defineRelease<Config extends SizesWithTokenizer>(
  rules: ReleaseRules<Config>,
): Release {
  const { system, files, asks, prefers, partOf } = rules;
  return {
    system: system.name,
    files,
    asks,
    prefers,
    partOf: (entries) => partOf(entries),
    match: (found, said) => matchFiles(rules, found, said),
  };
}

async function matchFiles<Config extends SizesWithTokenizer>(
  rules: ReleaseRules<Config>,
  files: ModelFiles,
  said: SaidSizes,
): Promise<MatchedModel> {
  const { system } = rules;
  const told = await rules.tokenizer(files, said);
  const { path } = files.tokenizer.file;
  const ofTokenizer = { file: files.tokenizer.file, prefix: rules.prefixes.tokenizer };
  const names = rules.names(told);
  if (!files.transformer) {
    const tokenizer = checkedTokenizer(told, path);
    const specs = tokenizerSpecs(tokenizer);
    return {
      system: system.name,
      alone: true,
      parts: tokenizer,
      tokenizer,
      accepts: "classes",
      parameters: countParameters(specs),
      sources: officialSources([{ ...ofTokenizer, expected: expectedOf(specs) }], names),
    };
  }
  const { file } = files.transformer;
  const config = system.parse(await rules.config(file, told, said), file.path);
  const composition = system.compose(config, {});
  const specs = modelParameters(composition);
  const preset = presetOf(rules, config);
  const sources = officialSources(
    [
      { ...ofTokenizer, expected: expectedOf(specs.tokenizer) },
      { file, prefix: rules.prefixes.transformer, expected: expectedOf(specs.transformer) },
    ],
    names,
  );
  return {
    system: system.name,
    ...(preset && { preset }),
    alone: false,
    parts: config,
    tokenizer: config.tokenizer,
    accepts: composition.conditioning.accepts.kind,
    parameters: countParameters(specs.tokenizer) + countParameters(specs.transformer),
    sources,
  };
}

/** The published model of these sizes. */
function presetOf<Config extends SizesWithTokenizer>(
  { system, alike = (config) => config }: ReleaseRules<Config>,
  config: Config,
): string | undefined {
  const presets = Object.entries<Config>(system.presets);
  return presets.find(([, one]) => isDeepStrictEqual(alike(one), alike(config)))?.[0];
}

function checkedTokenizer(told: TokenizerOptions, where: string): TokenizerOptions {
  const result = tokenizerSchema.safeParse(told);
  if (result.success) return result.data;
  const got = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new CheckpointError({ where, expected: "the sizes of a tokenizer", got: got.join("; ") });
}

function expectedOf(specs: ParameterSpecs): ExpectedParameter[] {
  return [...specs].map(([name, { shape }]) => ({ name, shape }));
}

/**
 * Heads, which change no shape: as they were said, or as the published models of the same depth and
 * width have them.
 *
 * @throws CheckpointError if neither tells them, or they do not divide the width.
 */
export function headsOf(
  where: string,
  { heads: said }: SaidSizes,
  published: readonly { readonly depth: number; readonly width: number; readonly heads: number }[],
  { depth, width }: { readonly depth: number; readonly width: number },
): number {
  const known = published.find((one) => one.depth === depth && one.width === width);
  const heads = said ?? known?.heads;
  if (heads !== undefined && width % heads === 0) return heads;
  throw new CheckpointError({
    where,
    expected: `a number of heads that divides the width of ${width}`,
    got: heads === undefined ? `no published model of depth ${depth} and this width` : `${heads}`,
    hint: "Give it, as the training's settings say: --heads 12",
  });
}
