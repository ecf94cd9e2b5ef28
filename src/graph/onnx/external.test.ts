import { describe, expect, it } from "vitest";
import { ConfigError } from "../../errors.ts";
import { commonFolder } from "./external.ts";

describe("commonFolder", () => {
  it.each([
    [["/models/a"], "/models/a"],
    [["/models/a", "/models/a"], "/models/a"],
    [["/models/a", "/models/a/b/c", "/models/a/d"], "/models/a"],
    [["/models/ab", "/models/a"], "/models"],
    [["/home/me/.cache", "/srv/models"], "/"],
    [["/"], "/"],
    [["/", "/a"], "/"],
    [["C:\\models", "C:\\Users\\me"], "C:\\"],
    [["C:\\models\\a", "C:\\models\\b"], "C:\\models"],
  ])("of %j is %s", (folders, common) => {
    expect(commonFolder(folders)).toBe(common);
    expect(commonFolder([...folders].reverse())).toBe(common);
  });

  it("refuses several drives", () => {
    expect(() => commonFolder(["C:\\models", "D:\\cache"])).toThrow(ConfigError);
    expect(() => commonFolder(["C:\\models", "D:\\cache"])).toThrow("files of one drive");
  });
});
