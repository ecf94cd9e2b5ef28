/** Number formats of a transformer's matrices; everything else stays float32. */
import { ConfigError } from "../errors.ts";

export const weightFormats = ["fp32", "fp16", "int8", "int4"] as const;
export type WeightFormat = (typeof weightFormats)[number];

/** @throws ConfigError for a format that no device can compute with yet. */
export function requireBuilt(format: WeightFormat): void {
  if (format === "fp32") return;
  throw new ConfigError({
    where: "--weights",
    expected: "fp32",
    got: format,
    hint: "The smaller formats are not built yet.",
  });
}
