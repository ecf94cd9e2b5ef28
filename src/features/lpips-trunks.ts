/**
 * The networks under LPIPS: the convolutions of AlexNet and VGG16, cut where LPIPS looks (metrics
 * sheet, "LPIPS v0.1"). Names are torchvision's.
 */
import type { ConvUnit, PoolUnit, Unit } from "./units.ts";

export interface LpipsTrunk {
  readonly name: "alex" | "vgg";
  /** Each ends at one of the maps that are compared. */
  readonly slices: readonly (readonly Unit[])[];
}

interface ConvOptions {
  readonly kernel?: number;
  readonly stride?: number;
  readonly padding?: number;
}

/** `features.N`: torchvision counts ReLUs and pools, too. */
function conv(
  index: number,
  outputs: number,
  { kernel = 3, stride = 1, padding = (kernel - 1) / 2 }: ConvOptions = {},
): ConvUnit {
  return {
    kind: "conv",
    name: `features.${index}`,
    outputs,
    kernel: [kernel, kernel],
    stride,
    padding: [padding, padding],
  };
}

const overlapping: PoolUnit = { kind: "maxPool", kernel: 3, stride: 2, padding: 0 };
const halve: PoolUnit = { kind: "maxPool", kernel: 2, stride: 2, padding: 0 };

const alex: LpipsTrunk = {
  name: "alex",
  slices: [
    [conv(0, 64, { kernel: 11, stride: 4, padding: 2 })],
    [overlapping, conv(3, 192, { kernel: 5 })],
    [overlapping, conv(6, 384)],
    [conv(8, 256)],
    [conv(10, 256)],
  ],
};

const vgg: LpipsTrunk = {
  name: "vgg",
  slices: [
    [conv(0, 64), conv(2, 64)],
    [halve, conv(5, 128), conv(7, 128)],
    [halve, conv(10, 256), conv(12, 256), conv(14, 256)],
    [halve, conv(17, 512), conv(19, 512), conv(21, 512)],
    [halve, conv(24, 512), conv(26, 512), conv(28, 512)],
  ],
};

export const lpipsTrunks: readonly LpipsTrunk[] = [alex, vgg];
