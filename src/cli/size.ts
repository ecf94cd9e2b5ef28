import type { PictureTokenizer } from "../systems/picture-tokenizer.ts";
import type { Size } from "./schemas.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Accepts the size that a model has, and no other.
 *
 * @param command the command line so far, to be tried with the right size.
 * @throws UsageError with the sizes there are.
 */
export function requireSize(
  { name, size: own, maps }: PictureTokenizer,
  { width, height }: Size,
  command: string,
): void {
  if (width === own.width && height === own.height) return;
  const last = maps.at(-1)!;
  const perToken = own.width / last.width;
  throw new UsageError(
    [`size ${width}x${height} does not fit ${name}`],
    `${command} --size ${own.width === own.height ? own.width : `${own.width}x${own.height}`}`,
    `it makes ${own.width}x${own.height} pictures (${perToken} pixels per token, ` +
      `maps up to ${last.width}x${last.height})`,
  );
}
