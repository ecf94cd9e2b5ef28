import { expect, it } from "vitest";
import { allocate, type Dtype } from "../graph/dtype.ts";
import { unfilled } from "./unfilled.ts";

const dtypes: Dtype[] = ["float32", "float16", "int32", "int64", "bool", "uint8", "int8"];

it.each(dtypes)("unfilled %s is an array of its own, like one of zeros", (dtype) => {
  for (const count of [0, 1, 3, 5000]) {
    const [wanted, got] = [allocate(dtype, count), unfilled(dtype, count)];
    expect(got.constructor).toBe(wanted.constructor);
    expect(got.length).toBe(count);
    expect(got.byteOffset).toBe(0);
    expect(got.buffer.byteLength).toBe(wanted.byteLength);
  }
});
