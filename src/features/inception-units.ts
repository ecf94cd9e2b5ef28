/**
 * The network of the published FID: Inception-v3 as TensorFlow had it in 2015 (metrics sheet, "FID
 * feature extraction"). It differs from the usual Inception-v3 in that its average pools leave the
 * padding out of the mean, and in that the last block pools by the largest value.
 *
 * Names are those of `pt_inception-2015-12-05-6726825d.pth`.
 */
import type { BranchesUnit, ConvUnit, PoolUnit, Unit } from "./units.ts";

type Kernel = number | readonly [number, number];

/** A convolution that keeps the size. */
function conv(name: string, outputs: number, kernel: Kernel = 1): ConvUnit {
  const [rows, columns] = typeof kernel === "number" ? [kernel, kernel] : kernel;
  const padding = [(rows - 1) / 2, (columns - 1) / 2] as const;
  return { kind: "conv", name, outputs, kernel: [rows, columns], stride: 1, padding };
}

/** A 3×3 convolution without padding. */
function narrowing(name: string, outputs: number, stride: 1 | 2): ConvUnit {
  return { kind: "conv", name, outputs, kernel: [3, 3], stride, padding: [0, 0] };
}

const halve: PoolUnit = { kind: "maxPool", kernel: 3, stride: 2, padding: 0 };
const smooth: PoolUnit = { kind: "averagePool", kernel: 3, stride: 1, padding: 1 };
const swell: PoolUnit = { kind: "maxPool", kernel: 3, stride: 1, padding: 1 };

function block(name: string, branches: readonly (readonly Unit[])[]): BranchesUnit {
  return { kind: "branches", name, branches };
}

/** Two convolutions of one input. */
const both = (first: ConvUnit, second: ConvUnit): BranchesUnit => block("", [[first], [second]]);

function blockA(name: string, pooled: number): BranchesUnit {
  return block(name, [
    [conv("branch1x1", 64)],
    [conv("branch5x5_1", 48), conv("branch5x5_2", 64, 5)],
    [conv("branch3x3dbl_1", 64), conv("branch3x3dbl_2", 96, 3), conv("branch3x3dbl_3", 96, 3)],
    [smooth, conv("branch_pool", pooled)],
  ]);
}

function blockB(name: string): BranchesUnit {
  const double = [conv("branch3x3dbl_1", 64), conv("branch3x3dbl_2", 96, 3)];
  return block(name, [
    [narrowing("branch3x3", 384, 2)],
    [...double, narrowing("branch3x3dbl_3", 96, 2)],
    [halve],
  ]);
}

const row = [1, 7] as const;
const column = [7, 1] as const;

function blockC(name: string, width: number): BranchesUnit {
  return block(name, [
    [conv("branch1x1", 192)],
    [conv("branch7x7_1", width), conv("branch7x7_2", width, row), conv("branch7x7_3", 192, column)],
    [
      conv("branch7x7dbl_1", width),
      conv("branch7x7dbl_2", width, column),
      conv("branch7x7dbl_3", width, row),
      conv("branch7x7dbl_4", width, column),
      conv("branch7x7dbl_5", 192, row),
    ],
    [smooth, conv("branch_pool", 192)],
  ]);
}

function blockD(name: string): BranchesUnit {
  return block(name, [
    [conv("branch3x3_1", 192), narrowing("branch3x3_2", 320, 2)],
    [
      conv("branch7x7x3_1", 192),
      conv("branch7x7x3_2", 192, row),
      conv("branch7x7x3_3", 192, column),
      narrowing("branch7x7x3_4", 192, 2),
    ],
    [halve],
  ]);
}

function blockE(name: string, pool: PoolUnit): BranchesUnit {
  const split = (path: string) =>
    both(conv(`${path}a`, 384, [1, 3]), conv(`${path}b`, 384, [3, 1]));
  return block(name, [
    [conv("branch1x1", 320)],
    [conv("branch3x3_1", 384), split("branch3x3_2")],
    [conv("branch3x3dbl_1", 448), conv("branch3x3dbl_2", 384, 3), split("branch3x3dbl_3")],
    [pool, conv("branch_pool", 192)],
  ]);
}

/** From [B, 3, 299, 299] to [B, 2048, 8, 8]. */
export const inceptionUnits: readonly Unit[] = [
  narrowing("Conv2d_1a_3x3", 32, 2),
  narrowing("Conv2d_2a_3x3", 32, 1),
  conv("Conv2d_2b_3x3", 64, 3),
  halve,
  conv("Conv2d_3b_1x1", 80),
  narrowing("Conv2d_4a_3x3", 192, 1),
  halve,
  blockA("Mixed_5b", 32),
  blockA("Mixed_5c", 64),
  blockA("Mixed_5d", 64),
  blockB("Mixed_6a"),
  blockC("Mixed_6b", 128),
  blockC("Mixed_6c", 160),
  blockC("Mixed_6d", 160),
  blockC("Mixed_6e", 192),
  blockD("Mixed_7a"),
  blockE("Mixed_7b", smooth),
  blockE("Mixed_7c", swell),
];

/**
 * The units up to here end with TensorFlow's `mixed_6`, [B, 768, 17, 17], whose first 192 channels are
 * `mixed_6/conv`.
 */
export const SPATIAL_UNIT: number =
  inceptionUnits.findIndex((unit) => unit.kind === "branches" && unit.name === "Mixed_6d") + 1;
