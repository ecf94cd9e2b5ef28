import { join } from "node:path";
import { type Floats, lieInFile } from "../floats.ts";
import { openFile, readBytes } from "./read-bytes.ts";

/** The numbers themselves, wherever they are. @throws CheckpointError if the file has gone. */
export async function readFloats(floats: Floats): Promise<Float32Array> {
  if (!lieInFile(floats)) return floats;
  const { folder, name, offset, length } = floats;
  const file = await openFile(join(folder, name), "the model's weights");
  try {
    return new Float32Array(await readBytes(file, offset, length * Float32Array.BYTES_PER_ELEMENT));
  } finally {
    await file.handle.close();
  }
}
