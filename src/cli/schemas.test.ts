import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { choice, integer, number, size, text } from "./schemas.ts";

function read(schema: z.ZodType, given: unknown): unknown {
  const result = schema.safeParse(given);
  return result.success ? result.data : result.error.issues[0]?.message;
}

describe("schemas", () => {
  it("reads whole numbers within their range", () => {
    const schema = integer({ from: 1, to: 9 });
    expect(read(schema, "7")).toBe(7);
    for (const wrong of ["0", "10", "7.5", "1e1", "seven", "", "0x1"]) {
      expect(read(schema, wrong)).toBe("expected a whole number from 1 to 9");
    }
  });

  it("reads numbers, with an open lower end where it is asked for", () => {
    const schema = number({ above: 0, to: 1 });
    expect(read(schema, "0.96")).toBe(0.96);
    expect(read(schema, "1e-3")).toBe(0.001);
    for (const wrong of ["0", "1.1", "NaN", "Infinity", ""]) {
      expect(read(schema, wrong)).toBe("expected a number above 0 to 1");
    }
    expect(read(number({ from: 0 }), "-1")).toBe("expected a number from 0 up");
    expect(read(number(), "x")).toBe("expected a number");
  });

  it("reads sizes, width first", () => {
    expect(read(size(), "64")).toEqual({ width: 64, height: 64 });
    expect(read(size(), "64x96")).toEqual({ width: 64, height: 96 });
    for (const wrong of ["0", "64x", "-1x2", "1e3", "999999x1"]) {
      expect(read(size(), wrong)).toBe("expected a size in pixels such as 64 or 64x96");
    }
  });

  it("reads one of several words, and refuses blank text and absent values", () => {
    expect(read(choice(["cpu", "webgpu"]), "webgpu")).toBe("webgpu");
    expect(read(choice(["cpu", "webgpu"]), "cuda")).toBe("expected one of cpu, webgpu");
    expect(read(text("a prompt"), "  ")).toBe("expected a prompt");
    expect(read(text("a prompt"), undefined)).toBe("expected a prompt");
  });
});
