/** Writing NumPy's `.npz`: arrays in a zip, stored as `numpy.savez` does, streamed. */

import { Readable } from "node:stream";
import yazl from "yazl";
import { ShapeError } from "../errors.ts";
import { writeWhole } from "../images/whole-file.ts";
import { encodeNpyHeader, type NpyDtype, type NpyValues, npyDataBytes } from "./npy-header.ts";

/** An array to write: its values in row-major order, at once or in pieces. */
export interface NpyContent {
  readonly dtype: NpyDtype;
  readonly shape: readonly number[];
  readonly values: NpyValues | AsyncIterable<NpyValues> | Iterable<NpyValues>;
}

/**
 * Writes arrays under their names; the file appears when it is whole. Equal arrays give equal bytes.
 *
 * @throws ShapeError for values that do not fill a shape; DataError if the file cannot be written.
 */
export async function writeNpz(
  path: string,
  arrays: Readonly<Record<string, NpyContent>>,
): Promise<void> {
  await writeWhole(path, zipBytes(arrays));
}

async function* zipBytes(
  arrays: Readonly<Record<string, NpyContent>>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const zip = new yazl.ZipFile();
  const output = zip.outputStream as Readable;
  // the zip listens to no lazy stream, and would wait for one that has failed
  const fail = (error: Error) => output.destroy(error);
  zip.on("error", fail);
  for (const [name, content] of Object.entries(arrays)) {
    const start = encodeNpyHeader({ ...content, fortranOrder: false });
    const dataBytes = npyDataBytes({ ...content, fortranOrder: false });
    const options = {
      compress: false,
      size: start.length + dataBytes,
      mtime: new Date(1980, 0, 1),
      forceDosTimestamp: true,
    };
    zip.addReadStreamLazy(`${name}.npy`, options, (done) => {
      const pieces = arrayBytes(name, start, content, dataBytes);
      done(null, Readable.from(pieces, { objectMode: false }).on("error", fail));
    });
  }
  zip.end();
  yield* output as AsyncIterable<Uint8Array>;
}

async function* arrayBytes(
  name: string,
  start: Uint8Array,
  { values, shape }: NpyContent,
  dataBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield start;
  let written = 0;
  for await (const piece of ArrayBuffer.isView(values) ? [values as NpyValues] : values) {
    written += piece.byteLength;
    if (written > dataBytes) break;
    yield new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
  }
  if (written !== dataBytes) {
    throw new ShapeError({
      where: `writeNpz: ${name}`,
      expected: `${dataBytes} bytes for the shape [${shape.join(", ")}]`,
      got: written > dataBytes ? "more" : `${written}`,
    });
  }
}
