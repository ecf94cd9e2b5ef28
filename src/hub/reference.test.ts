import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { formatHubReference, isSafePath, parseHubReference } from "./reference.ts";

describe("a reference to the hub", () => {
  it.each([
    ["hf:owner/name", { owner: "owner", name: "name", revision: "main" }],
    ["hf:o/n.2_x/", { owner: "o", name: "n.2_x", revision: "main" }],
    ["hf:o/n/a/b.pth", { owner: "o", name: "n", revision: "main", path: "a/b.pth" }],
    ["hf:o/n@refs/pr/1", { owner: "o", name: "n", revision: "refs/pr/1" }],
    ["hf:o/n/a@b.pth@v1.0", { owner: "o", name: "n", revision: "v1.0", path: "a@b.pth" }],
  ])("reads %s", (text, expected) => {
    expect(parseHubReference(text)).toEqual(expected);
  });

  it("is written as it was read", () => {
    const part = fc
      .stringMatching(/^[a-z0-9]([a-z0-9._]{0,6}[a-z0-9])?$/)
      .filter((text) => !text.includes(".."));
    const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(part, part, fc.option(path), path, (owner, name, inside, revision) => {
        const reference = { owner, name, revision, ...(inside === null ? {} : { path: inside }) };
        expect(parseHubReference(formatHubReference(reference))).toEqual(reference);
      }),
      { seed: 7 },
    );
  });

  it.each([
    ["owner/name", "no hf: in front"],
    ["hf:name", "no owner and name"],
    ["hf:/name", '"", which no repository is called'],
    ["hf:../name", '"..", which no repository is called'],
    ["hf:a--b/name", '"a--b", which no repository is called'],
    ["hf:o/n/../../x", '"../../x" as file'],
    ["hf:o/n/a\\b", '"a\\\\b" as file'],
    ["hf:o/n@", '"" as revision'],
    ["hf:o/n@../x", '"../x" as revision'],
    ["hf:o/n@a b", '"a b" as revision'],
  ])("explains what is wrong with %s", (text, got) => {
    const read = () => parseHubReference(text);
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(
      `${JSON.stringify(text)}: expected hf:owner/name, hf:owner/name/file or either with @revision, got ${got}`,
    );
  });

  it("lets no path out of its folder", () => {
    for (const path of ["", "/a", "a//b", "a/..", "./a", "a/", "C:x", "a\0b"]) {
      expect(isSafePath(path)).toBe(false);
    }
    for (const path of ["a", "a/b.c", "..a", "ü/x y"]) expect(isSafePath(path)).toBe(true);
  });
});
