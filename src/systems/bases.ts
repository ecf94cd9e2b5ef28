/** The bases there are; what stands on one is found by what its composition says. */
import type { Base } from "./base.ts";
import { maskedBase } from "./masked-base.ts";
import { nextScaleBase } from "./next-scale-base.ts";
import { nextTokenBase } from "./next-token-base.ts";
import type { Composition } from "./system.ts";

type Bases = {
  readonly [Name in Composition["base"]]: Base<Extract<Composition, { readonly base: Name }>>;
};

const bases: Bases = {
  "next-scale": nextScaleBase,
  "next-token": nextTokenBase,
  masked: maskedBase,
};

/** The base of a composition, for which it works and for no other. */
export function baseOf<C extends Composition>({ base }: C): Base<C> {
  return bases[base] as unknown as Base<C>;
}
