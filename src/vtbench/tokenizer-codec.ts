/**
 * A tokenizer of Ordo as a codec.
 *
 * A tokenizer of one size sees larger pictures in tiles. Resizing them instead, as VTBench does, would
 * ask every tokenizer another question: at 64 pixels a page of text is lost before it is encoded. Seams
 * between tiles are charged to the tokenizer.
 */
import type { Picture } from "../images/picture.ts";
import type { PictureTokenizer } from "../systems/picture-tokenizer.ts";
import type { PictureCodec } from "./codec.ts";
import type { BitBudget } from "./lossy.ts";
import { changeTiles, tileCount } from "./tiles.ts";

type Tokenizer = Pick<PictureTokenizer, "name" | "size" | "maps" | "codebookSize" | "tokenize">;

/** Bits of a tile: tokens times the bits of one; null where tokens are no codes. */
export function bitsOfTile({
  maps,
  codebookSize,
}: Pick<Tokenizer, "maps" | "codebookSize">): number | null {
  return codebookSize === undefined ? null : tokensOf(maps) * Math.log2(codebookSize);
}

/** @param rebuildTile what makes a tile anew, if it is not the tokenizer as it is. */
export function tokenizerCodec(
  tokenizer: Tokenizer,
  rebuildTile: (tile: Picture) => Promise<Picture> = async (tile) =>
    (await tokenizer.tokenize(tile)).picture,
): PictureCodec {
  const { name, size, maps, codebookSize } = tokenizer;
  const bits = bitsOfTile(tokenizer);
  const tokens = `${tokensOf(maps)} tokens a tile of ${size.width}x${size.height}`;
  return {
    name,
    kind: "tokenizer",
    about: codebookSize ? `${tokens}, ${codebookSize} codes` : `${tokens}, continuous`,
    nativeSize: size,
    rebuild: async (picture) => ({
      picture: await changeTiles(picture, size, rebuildTile),
      bits: bits === null ? null : bits * tileCount(picture, size),
    }),
  };
}

/** What a tokenizer allows other codecs; null where its tokens are no codes. */
export function budgetOf(tokenizer: Omit<Tokenizer, "tokenize">): BitBudget | null {
  const bits = bitsOfTile(tokenizer);
  if (bits === null) return null;
  return { name: tokenizer.name, bitsFor: (size) => bits * tileCount(size, tokenizer.size) };
}

function tokensOf(maps: Tokenizer["maps"]): number {
  return maps.reduce((sum, { height, width }) => sum + height * width, 0);
}
