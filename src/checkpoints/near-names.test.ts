import { describe, expect, it } from "vitest";
import { nearNames } from "./near-names.ts";

describe("nearNames", () => {
  const commands = ["generate", "edit", "train", "tokenize", "systems", "doctor"];

  it("finds a word with a letter missing, wrong, doubled or swapped", () => {
    for (const slip of ["generte", "genarate", "genneratte", "egnerate"]) {
      expect(nearNames(slip, commands)).toEqual(["generate"]);
    }
  });

  it("finds a word by its beginning, but not by one letter", () => {
    expect(nearNames("gen", commands)).toEqual(["generate"]);
    expect(nearNames("x", commands)).toEqual([]);
  });

  it("puts the closest first and leaves far words out", () => {
    expect(nearNames("--top", ["--top-k", "--top-p", "--stop"])).toEqual([
      "--stop",
      "--top-k",
      "--top-p",
    ]);
    expect(nearNames("banana", commands)).toEqual([]);
  });
});
