/** Refuses graphs that a device cannot run by itself, before the engine sees them. */
import { DeviceError } from "../errors.ts";
import type { NodeRecord } from "../graph/onnx/node-record.ts";
import { type Gap, gapsOf, valuesAbove } from "../graph/support/gaps.ts";
import type { Device } from "./device.ts";

/**
 * @param noFallback also refuse nodes that are not heavy.
 * @throws DeviceError naming nodes, layers and the remedy.
 */
export async function requireSupported(
  device: Device,
  name: string,
  nodes: readonly NodeRecord[],
  noFallback = false,
): Promise<void> {
  const gaps = gapsOf(nodes, device.target).filter(({ heavy }) => heavy || noFallback);
  if (gaps.length > 0) throw unsupported(device, name, gaps);
  await requireRoom(device, name, nodes);
  await requireFloat16(device, name, nodes);
}

/** So many gaps are named; the others are counted. */
const NAMED = 3;

function unsupported({ name: device }: Device, name: string, gaps: readonly Gap[]): DeviceError {
  const named = gaps
    .slice(0, NAMED)
    .map(({ node, layer, missing }) => `${missing} in ${layer || "no layer"} (${node})`);
  const more = gaps.length - named.length;
  return new DeviceError({
    where: `${name} on ${device}`,
    expected: "what the device computes by itself, without a fallback to CPU EP",
    got: `${named.join(", ")}${more > 0 ? `, and ${more} more` : ""}`,
    hint: gaps[0]!.remedy,
  });
}

async function requireRoom(
  { name: device, limits }: Device,
  name: string,
  nodes: readonly NodeRecord[],
): Promise<void> {
  if (!limits) return;
  for (const { bytes, node, layer, value } of valuesAbove(nodes, limits.guaranteedBytes)) {
    // the largest comes first: where it fits, all do
    if (await limits.fits(bytes)) return;
    const { shape = [] } = value;
    throw new DeviceError({
      where: `${name} on ${device}`,
      expected: "values that fit into one of the device's buffers",
      got: `${value.dtype} [${shape.join(", ")}], ${Math.ceil(bytes / 2 ** 20)} MiB, in ${layer || "no layer"} (${node})`,
      hint: "Use a smaller batch or picture, or --device cpu.",
    });
  }
}

async function requireFloat16(
  { name: device, limits }: Device,
  name: string,
  nodes: readonly NodeRecord[],
): Promise<void> {
  if (!limits) return;
  const half = nodes.find(({ inputs, outputs }) =>
    [...inputs, ...outputs].some(({ dtype }) => dtype === "float16"),
  );
  if (!half || (await limits.float16())) return;
  throw new DeviceError({
    where: `${name} on ${device}`,
    expected: "a GPU that computes in float16 (shader-f16)",
    got: `float16 in ${half.name} on one that does not`,
    hint: "Use --precision fp32 and --weights fp32.",
  });
}
