declare const ORDO_VERSION: string | undefined;

/** The version of Ordo, which the bundler writes in; `source` where nothing was bundled. */
export const browserVersion: string = typeof ORDO_VERSION === "string" ? ORDO_VERSION : "source";
