/** Token ids of pictures as a JSON file that says which tokenizer they belong to. */
import { z } from "zod";
import { ConfigError, DataError } from "../errors.ts";
import type { PictureTokenizer } from "./picture-tokenizer.ts";
import { tokenizerHash } from "./tokenizer-hash.ts";

export interface TokenizedPicture {
  /** Name of the picture's file, without its folder. */
  readonly file: string;
  /** Ids of each map, coarse to fine, row-major. */
  readonly ids: readonly (readonly number[])[];
}

export interface TokenFile {
  readonly format: 1;
  /** Name of the tokenizer or of the model it belongs to. */
  readonly model: string;
  /** Hash of the tokenizer's weights: ids mean nothing to any other. */
  readonly tokenizer: string;
  readonly codebookSize: number;
  /** Height and width of each map, in tokens. */
  readonly scales: readonly (readonly [height: number, width: number])[];
  readonly pictures: readonly TokenizedPicture[];
}

const natural = z.int().nonnegative();

/** What a token file must look like; the ids are checked by the tokenizer that decodes them. */
export const tokenFileSchema: z.ZodType<TokenFile> = z.object({
  format: z.literal(1),
  model: z.string(),
  tokenizer: z.string(),
  codebookSize: natural,
  scales: z.array(z.tuple([natural, natural])).min(1),
  pictures: z.array(z.object({ file: z.string().min(1), ids: z.array(z.array(natural)) })),
});

export async function tokenFile(
  tokenizer: PictureTokenizer,
  pictures: readonly TokenizedPicture[],
): Promise<TokenFile> {
  const { name, maps } = tokenizer;
  return {
    format: 1,
    model: name,
    tokenizer: await tokenizerHash(tokenizer),
    codebookSize: requireCodebook(tokenizer),
    scales: maps.map(({ height, width }) => [height, width]),
    pictures,
  };
}

/** @throws ConfigError if the tokens are no codes. */
function requireCodebook({ name, codebookSize }: PictureTokenizer): number {
  if (codebookSize !== undefined) return codebookSize;
  throw new ConfigError({ where: name, expected: "tokens that are codes", got: "vectors" });
}

/** @throws DataError if the ids were made by a tokenizer with other weights. */
export async function requireTokenizer(
  file: TokenFile,
  tokenizer: PictureTokenizer,
  where: string,
): Promise<void> {
  if (file.tokenizer === (await tokenizerHash(tokenizer))) return;
  throw new DataError({
    where,
    expected: `ids of the tokenizer of ${tokenizer.name}`,
    got: `ids of another one, of ${file.model}`,
    hint: "Name the model that they were made with by --model.",
  });
}
