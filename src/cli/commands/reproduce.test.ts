import { describe, expect, it } from "vitest";
import { runCaptured } from "../captured.ts";

describe("ordo reproduce", () => {
  it("names the systems that have a reproduction", async () => {
    const { code, stderr } = await runCaptured(["reproduce", "nar"]);
    expect(code).toBe(2);
    expect(stderr).toContain("nar: expected a system with a reproduction: var");
  });

  it("says what --quick is for", async () => {
    const { code, stdout } = await runCaptured(["reproduce", "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("proves that it runs, not the claim");
  });
});
