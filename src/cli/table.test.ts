import { describe, expect, it } from "vitest";
import { table } from "./table.ts";

describe("table", () => {
  it("aligns text to the left and numbers to the right", () => {
    expect(
      table(
        ["tensor", "error"],
        [
          ["logits", 12],
          ["sample_ids.0", 3],
        ],
      ),
    ).toMatchInlineSnapshot(`
      "tensor        error
      logits           12
      sample_ids.0      3"
    `);
  });

  it("does not count colours as width and leaves no spaces at line ends", () => {
    const lines = table(
      [],
      [
        ["\u001b[32mok\u001b[39m", "a"],
        ["failed", ""],
      ],
    ).split("\n");
    expect(lines).toEqual(["\u001b[32mok\u001b[39m      a", "failed"]);
  });

  it("is empty without rows and heading", () => {
    expect(table([], [])).toBe("");
  });
});
