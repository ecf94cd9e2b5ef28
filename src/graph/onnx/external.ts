/** Constants that stay in files: the engine finds them by paths below one folder. */
import { ConfigError } from "../../errors.ts";
import type { FileValues } from "../../floats.ts";
import { bytesOfValues, onnxCode } from "../dtype.ts";
import { Message } from "./protobuf.ts";

/** A constant that stays in its file. */
export interface ExternalConstant {
  readonly shape: readonly number[];
  readonly values: FileValues;
}

/** TensorProto.DataLocation */
const EXTERNAL = 1;

/** @param base a folder in which the file's folder lies, or that folder itself. */
export function externalTensorMessage(
  name: string,
  { shape, values }: ExternalConstant,
  base: string,
): Message {
  const message = new Message();
  for (const size of shape) message.integer(1, size);
  message.integer(2, onnxCode(values.dtype)).text(8, name);
  const below = partsOf(values.folder).slice(partsOf(base).length);
  const location = [...below, values.name].join("/");
  const { offset } = values;
  for (const [key, value] of Object.entries({ location, offset, length: bytesOfValues(values) })) {
    message.message(13, new Message().text(1, key).text(2, String(value)));
  }
  return message.integer(14, EXTERNAL);
}

/**
 * The innermost folder that all lie in.
 *
 * @param folders absolute, one or more.
 * @throws ConfigError if they lie on different drives.
 */
export function commonFolder(folders: readonly string[]): string {
  const [first, ...others] = folders.map(partsOf) as [string[], ...string[][]];
  const count = others.reduce((shared, parts) => {
    const other = first.findIndex((part, i) => i >= shared || parts[i] !== part);
    return other === -1 ? first.length : other;
  }, first.length);
  if (count === 0) {
    const got = folders.join(", ");
    throw new ConfigError({ where: "constants", expected: "files of one drive", got });
  }
  const separator = folders[0]!.includes("\\") ? "\\" : "/";
  const path = first.slice(0, count).join(separator);
  // "" and "C:" are no folders
  return count === 1 ? `${path}${separator}` : path;
}

/** `/a/b` as "", a, b; `C:\a` as C:, a. */
function partsOf(folder: string): string[] {
  const parts = folder.split(/[\\/]/);
  return parts.at(-1) === "" ? parts.slice(0, -1) : parts;
}
