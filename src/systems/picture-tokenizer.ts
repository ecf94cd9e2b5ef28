/** A tokenizer that is ready to work: pictures to token ids and back, with its weights, on a device. */
import { type IdDecoder, openIdDecoder } from "../decoding/id-decoder.ts";
import { ConfigError, DataError } from "../errors.ts";
import type { Floats } from "../floats.ts";
import { fromPixels, type Picture, toPixels } from "../images/picture.ts";
import { offsets, type ScaleSchedule } from "../orders/scale-schedule.ts";
import type { Device } from "../runtime/device.ts";
import { type CompiledFunction, compile } from "../runtime/function.ts";
import { traceReconstruction } from "../tokenizers/reconstruct.ts";
import { type TokenizerOptions, tokenizerOf } from "../tokenizers/tokenizer.ts";

export interface Tokens {
  /** Ids of each map, row-major; none where tokens are no codes. */
  readonly ids: readonly Int32Array[];
  /** Tokens that are vectors, [L, C]; absent where they are codes. */
  readonly vectors?: Float32Array;
  /** The picture that they stand for. */
  readonly picture: Picture;
}

export class PictureTokenizer {
  /** What errors call it: the model's name. */
  readonly name: string;
  /** Sizes of the token maps, coarse to fine. */
  readonly maps: ScaleSchedule;
  /** Absent where tokens are no codes. */
  readonly codebookSize?: number;
  readonly size: { readonly width: number; readonly height: number };
  /** By path, at least those under `tokenizer.`. */
  readonly parameters: ReadonlyMap<string, Floats>;
  readonly #options: TokenizerOptions;
  readonly #device: Device;
  #encoder: Promise<CompiledFunction> | undefined;
  #decoder: Promise<IdDecoder> | undefined;

  constructor(
    device: Device,
    name: string,
    options: TokenizerOptions,
    parameters: ReadonlyMap<string, Floats>,
  ) {
    const { maps, codebookSize, size } = tokenizerOf(options);
    this.#device = device;
    this.parameters = parameters;
    this.name = name;
    this.maps = maps;
    if (codebookSize !== undefined) this.codebookSize = codebookSize;
    this.size = size;
    this.#options = options;
  }

  /** A picture through the tokenizer and back. @throws ConfigError if the size differs. */
  async tokenize(picture: Picture): Promise<Tokens> {
    this.requireSize(picture);
    this.#encoder ??= this.#compileEncoder();
    const results = await (await this.#encoder).run({ pixels: toPixels([picture]) });
    const rebuilt = fromPixels(results.result!.data as Float32Array, this.size)[0]!;
    if (results.vectors) {
      return { ids: [], vectors: results.vectors.data as Float32Array, picture: rebuilt };
    }
    const all = Int32Array.from(results.ids!.data as BigInt64Array, Number);
    const starts = offsets(this.maps);
    return { ids: this.maps.map((_, k) => all.slice(starts[k], starts[k + 1])), picture: rebuilt };
  }

  /**
   * The picture that ids stand for.
   *
   * @param where what errors call the ids: a file, a picture.
   * @throws DataError if ids of a map are missing, surplus or not in the codebook.
   */
  async decode(ids: readonly ArrayLike<number>[], where = "ids"): Promise<Picture> {
    requireIds(ids, this, where);
    this.#decoder ??= openIdDecoder(this.#device, this.#options, this.parameters);
    return (await this.#decoder).decode(ids.map((map) => Int32Array.from(map)));
  }

  /** @throws ConfigError if a picture does not have the tokenizer's size. */
  requireSize({ width, height }: { readonly width: number; readonly height: number }): void {
    if (width === this.size.width && height === this.size.height) return;
    throw new ConfigError({
      where: this.name,
      expected: `a picture of ${this.size.width}x${this.size.height}`,
      got: `${width}x${height}`,
    });
  }

  async close(): Promise<void> {
    await (await this.#encoder)?.release();
    await (await this.#decoder)?.close();
  }

  #compileEncoder(): Promise<CompiledFunction> {
    const { ids, vectors, result } = traceReconstruction(this.#options, 1);
    const outputs = { ...(ids && { ids }), ...(vectors && { vectors }), result };
    return compile(this.#device, "tokenizer", outputs, { constants: this.parameters });
  }
}

function requireIds(
  ids: readonly ArrayLike<number>[],
  { maps, codebookSize = 0 }: Pick<PictureTokenizer, "maps" | "codebookSize">,
  where: string,
): void {
  const counts = maps.map(({ height, width }) => height * width);
  const found = ids.map((map) => map.length);
  if (found.join() !== counts.join()) {
    throw new DataError({ where, expected: `${counts.join(" ")} ids`, got: found.join(" ") });
  }
  const isCode = (id: number): boolean => Number.isInteger(id) && id >= 0 && id < codebookSize;
  const wrong = ids.flatMap((map) => Array.from(map).filter((id) => !isCode(id)));
  if (wrong.length === 0) return;
  const expected = `ids from 0 to ${codebookSize - 1}`;
  throw new DataError({ where, expected, got: wrong.slice(0, 5).join(" ") });
}
