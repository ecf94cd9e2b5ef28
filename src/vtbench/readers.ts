/** Both readers over the codecs' versions of one picture. */
import type { Picture } from "../images/picture.ts";
import { type GlyphReader, glyphReader } from "./glyph-reader.ts";
import type { Sample, Split } from "./splits.ts";
import type { TextReader } from "./tesseract-reader.ts";
import type { Reading } from "./text-score.ts";

export interface Readings {
  /** Absent where the layout is not known. */
  readonly glyphs?: Reading;
  /** Absent where Tesseract is, or cannot read the script. */
  readonly tesseract?: Reading;
}

export interface SampleReaders {
  read(original: Picture, rebuilt: Picture): Promise<Readings>;
}

/** @param layout whether codecs leave everything in its place, as the glyph reader needs. */
export function readersOf(
  split: Split,
  { text }: Sample,
  { tesseract, layout }: { readonly tesseract: TextReader | null; readonly layout: boolean },
): SampleReaders {
  if (split.task !== "text") return { read: async () => ({}) };
  const glyphs = text && layout ? onceForOriginals(glyphReader(text)) : null;
  const engine = tesseract && split.latin ? onceForOriginals(tesseract.read) : null;
  const truth = text && { truth: text.text };
  return {
    read: async (original, rebuilt) => ({
      ...(glyphs && { glyphs: { ...truth, ...(await glyphs(original, rebuilt)) } }),
      ...(engine && { tesseract: { ...truth, ...(await engine(original, rebuilt)) } }),
    }),
  };
}

/** Many codecs share an original: it is read once. */
function onceForOriginals(read: GlyphReader | TextReader["read"]) {
  const known = new Map<Picture, string>();
  return async (original: Picture, rebuilt: Picture) => {
    const first = known.get(original) ?? (await read(original));
    known.set(original, first);
    const same = Buffer.compare(original.data, rebuilt.data) === 0;
    return { original: first, rebuilt: same ? first : await read(rebuilt) };
  };
}
